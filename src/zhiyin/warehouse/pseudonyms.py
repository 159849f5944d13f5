"""Keyed hashes that stand for ids that were erased.

An erased id is kept nowhere. So that it can be known again when it arrives a second time, the
log keeps HMAC-SHA256 of its kind and itself under a key of the installation: without the key
nobody can try ids out against the list.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from zhiyin.kernel.keyfile import read_or_make

_BLOCK = 64


class Pseudonyms:
    """The keyed hashes of one installation.

    Args:
        data: the data folder; the key is made there when it is first needed.
    """

    def __init__(self, data: Path) -> None:
        self._file = data / "keys" / "pseudonyms"
        self._key = b""

    @property
    def key(self) -> bytes:
        """The installation's key: 32 bytes."""
        if not self._key:
            self._key = read_or_make(self._file, lambda: secrets.token_bytes(32))
        return self._key

    def of(self, kind: str, name: str) -> str:
        """The hash of one id, as 64 hexadecimal digits."""
        said = f"{kind}\x1f{name}".encode()
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()

    def sql(self, kind: str, name: str) -> str:
        """The same as a DuckDB expression over the expressions `kind` and `name`."""
        padded = self.key.ljust(_BLOCK, b"\0")
        inner = bytes(byte ^ 0x36 for byte in padded).hex()
        outer = bytes(byte ^ 0x5C for byte in padded).hex()
        said = f"encode(concat({kind}, chr(31), {name}))"
        first = f"unhex(sha256(unhex('{inner}') || {said}))"
        return f"sha256(unhex('{outer}') || {first})"
