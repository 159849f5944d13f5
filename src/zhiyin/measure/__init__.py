"""The metric registry and the figures that it defines."""
