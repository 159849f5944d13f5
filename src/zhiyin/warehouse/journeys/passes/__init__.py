"""Questions about the order of events as compiled passes: one walk over customers' histories each.

Each gives what `zhiyin.journey` gives by SQL, and both mean what `docs/journeys.md` says.
"""
