"""The sync centre: what waits, what was received, what has to be decided, what is held back, and how syncs went."""
