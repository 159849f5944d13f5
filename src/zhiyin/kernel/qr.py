"""QR codes, drawn as SVG."""

from __future__ import annotations

import qrcode
from qrcode.image.svg import SvgPathImage


def drawn(text: str) -> str:
    """The code of a text, with its quiet margin, as an ``<svg>`` element."""
    found = qrcode.make(text, image_factory=SvgPathImage, border=2)
    return str(found.to_string(encoding="unicode"))
