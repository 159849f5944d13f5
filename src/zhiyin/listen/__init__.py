"""Listening 倾听: what customers mean by what they wrote, in Chinese and English."""
