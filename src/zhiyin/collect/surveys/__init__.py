"""Surveys: what is asked, when a question is shown, and what an answer is."""
