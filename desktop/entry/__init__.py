"""The entry room: a form's indicators as rows, the units as columns, typed as in a spreadsheet."""
