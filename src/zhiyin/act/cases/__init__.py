"""Cases 工单: what somebody looks after, an alert, words or a mark, until it is closed."""
