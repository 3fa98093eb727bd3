"""The window around the rooms: rail, header, status bar, palette, and what is shown before there is a unit."""
