"""What figures say when they are put together: rules between the indicators of a form, totals of several units."""
