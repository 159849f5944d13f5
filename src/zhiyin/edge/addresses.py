"""Network addresses: which are this machine, which are proxies of ours, and who is behind them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(1024)
def is_this_machine(address: str) -> bool:
    """Whether an address, or a host's name, can only be this machine."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def networks(said: str) -> tuple[Network, ...]:
    """What a list such as ``127.0.0.1, 10.0.0.0/8`` names.

    Raises:
        ValueError: something in it is neither an address nor a network.
    """
    return tuple(ipaddress.ip_network(one) for one in said.replace(",", " ").split())


def visitor(peer: str, forwarded: Iterable[bytes], proxies: tuple[Network, ...]) -> str:
    """Who asks: whoever holds the connection or, behind proxies of ours, whom the outermost saw.

    Each proxy adds at the right end who asked it. What stands left of the first that is no proxy
    of ours was written by the visitor, who may write anything.

    Args:
        peer: who holds the connection.
        forwarded: the lines of ``X-Forwarded-For``, in order.
        proxies: whose word is taken.
    """
    hops = b",".join(forwarded).decode("latin-1").split(",")
    found = peer
    while hops and _is_one_of(found, proxies):
        hop = hops.pop().strip()
        if not _is_address(hop):
            break
        found = hop
    return found


def _is_one_of(address: str, proxies: tuple[Network, ...]) -> bool:
    return (
        bool(proxies)
        and _is_address(address)
        and any(ipaddress.ip_address(address) in network for network in proxies)
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
