"""What came of surveys beyond the answers themselves: who was asked, how, and how well."""
