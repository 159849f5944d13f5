"""Alerts 预警: rules over single answers and words, and over figures watched daily."""
