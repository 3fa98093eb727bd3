"""What several rooms share: theme, icons, marks, words and formats."""
