"""Sources of verbatims: what fetches, by its interval, what customers say elsewhere.

`source` is the public interface for writing one, `testkit` is what its writer runs against it.
"""
