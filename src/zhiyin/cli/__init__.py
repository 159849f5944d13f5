"""The `zhiyin` command. Nothing heavy is imported before a command is known."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a problem, 2 used wrongly.

    Args:
        arguments: without the program's name; None takes them from the process.
    """
    from zhiyin.cli.frame import run

    return run(arguments)
