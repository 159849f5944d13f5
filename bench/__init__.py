"""What `make bench` measures: ratios within one run, with memory."""
