"""The tasks room: what was assigned, how it stands against its deadline, and its dated progress."""
