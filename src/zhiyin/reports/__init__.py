"""Reports: pages of figures and words, printed, published as they were, sent by mail."""
