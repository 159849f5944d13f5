"""What comes in: files, surveys, events."""
