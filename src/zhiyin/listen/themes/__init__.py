"""What many customers say and nobody named: themes, found each day and kept from day to day."""
