"""Plain Python that knows nothing of the product: errors, text, periods, calendars, filters."""
