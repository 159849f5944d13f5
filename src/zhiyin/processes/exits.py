"""What a child's exit status tells the supervisor."""

CANNOT_START = 78
"""Starting again would not help: the address is taken, or the log is held (EX_CONFIG)."""
