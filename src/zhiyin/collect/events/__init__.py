"""Events on their way in: what the wire formats say, as facts of the log. Knows no Django."""
