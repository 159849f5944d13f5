"""Anonymous responses 匿名作答: without name, time and order until they go into the log."""
