"""One record per customer: identities, matching, merging, consent, erasure."""
