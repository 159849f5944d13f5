"""The browser that is driven: the distribution's Chromium, without a window."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium(playwright: Playwright) -> Browser:
    """Start it; whoever asks closes it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed; scripts/test-tools installs it"
    return playwright.chromium.launch(executable_path=program, args=FLAGS)
