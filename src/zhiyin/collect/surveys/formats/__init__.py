"""Files that surveys are brought in from."""
