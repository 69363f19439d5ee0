"""What the reports say, each figure the sum of rows that can be shown."""
