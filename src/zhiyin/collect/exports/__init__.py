"""What goes out: answers, responses, events and orders as files."""
