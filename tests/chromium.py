"""The browser that is driven: the distribution's Chromium, without a window."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Locator, Playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium(playwright: Playwright) -> Browser:
    """Start it; whoever asks closes it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed; scripts/test-tools installs it"
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


def drag(source: Locator, target: Locator, *, x: float = 5, y: float = 5) -> None:
    """As a hand drags, to this place within the target: over it in two movements.

    A single one (``Locator.drag_to``) is lost at times on a machine that is busy.
    """
    mouse = source.page.mouse
    source.hover()
    mouse.down()
    for step in (0, 1):
        target.hover(position={"x": x + step, "y": y})
    mouse.up()
