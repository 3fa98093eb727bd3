"""The whole of it: real windows, a real server over real HTTP, processes that are killed."""
