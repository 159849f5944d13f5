"""Which network addresses are this machine."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


@lru_cache(1024)
def is_this_machine(address: str) -> bool:
    """Whether an address, or a host's name, can only be this machine."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
