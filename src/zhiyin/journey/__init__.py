"""What customers really do, in order: funnels, paths, variants, retention, sessions.

`docs/journeys.md` says what each word means; every form of a question answers by it.
"""
