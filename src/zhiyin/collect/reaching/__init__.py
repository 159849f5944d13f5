"""Reaching people 触达客户: who is asked, when, by which way, and what became of it."""
