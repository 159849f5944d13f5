"""The journey index: events by customer and time in memory-mapped runs, and passes over them."""
