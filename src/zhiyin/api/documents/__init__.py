"""What the documents of the API hold, for its description and for the tests, by thing.

The rooms write the documents; these classes say what is in them, and a test holds the two equal.
"""
