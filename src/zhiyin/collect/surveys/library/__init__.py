"""Ready sets of questions, in our own words, after constructs whose sources are named."""
