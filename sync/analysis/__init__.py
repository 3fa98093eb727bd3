"""What figures say when they are put together: rules between them, what is computed of them, totals of units."""
