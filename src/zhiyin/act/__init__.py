"""What is done about what customers say: alerts, cases, and the ways out to teams."""
