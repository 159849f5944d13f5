"""Files brought into the experience log: read, checked, converted, and counted row by row."""
