"""The engines that can hold the log; nobody outside `warehouse` knows which one does."""
