"""Ways out to teams: robots of chat groups, and webhooks, with an outbox that loses nothing."""
