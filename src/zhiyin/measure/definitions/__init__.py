"""The definitions of the measures (指标口径), grouped by what they are read from."""
