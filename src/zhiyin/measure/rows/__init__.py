"""The rows that count, per kind of measure: log tables in, ``num`` and ``den`` out.

Each builder takes a `metric.Source` and returns an expression with every column of its table and
``num``, ``den``: the row's part of the numerator and of the denominator (``den`` left out: 1 each).

A builder neither filters by period nor by what the asker chose: `cells` does, after it, on the
columns that come out, so that a row of a break-down and a filter on the same value agree.
"""
