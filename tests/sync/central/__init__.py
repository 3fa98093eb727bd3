"""The centre, with a real database in a folder of the test's own."""
