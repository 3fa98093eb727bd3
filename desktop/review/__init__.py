"""The review room: which unit has sent which form, what stands against it, and what those above decide."""
