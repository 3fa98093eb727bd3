"""The centre: what it keeps, who may do what, how it answers, and its administrator's commands."""
