"""The public API: what programs read and write, with the documents of the command line."""
