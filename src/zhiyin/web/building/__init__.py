"""The survey builder's side of the server: what it is told, and what it asks."""
