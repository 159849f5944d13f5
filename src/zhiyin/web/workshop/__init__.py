"""The workshop 共创: what its page begins with, what is said there, and a map's history."""
