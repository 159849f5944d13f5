"""Zhiyin 知音: customer experience management with honest figures."""

__version__ = "0.1.0"
