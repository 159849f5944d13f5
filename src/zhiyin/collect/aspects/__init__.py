"""The workspace's list of aspects: what chosen reasons count under."""
