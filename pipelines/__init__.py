"""The night, one step a file, in running order."""
