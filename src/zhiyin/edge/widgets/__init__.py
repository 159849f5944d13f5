"""The website widget over HTTP: its script, its rules, and the askings."""
