"""The desk: what is due, what needs a decision, and what waits to be sent."""
