"""A mapping file as it was written: YAML read strictly, and the line on which a key stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_TEXT = 1_000_000
_TRUTH = re.compile("^(?:true|True|TRUE|false|False|FALSE)$")
_NUMBER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")


class _Words(yaml.SafeLoader):
    """YAML where only true and false are truths, and dates and times stay as written.

    Otherwise ``no`` would be false, ``12:30`` the number 750 and 2015-06-30 a date.
    """


_Words.yaml_implicit_resolvers = {
    letter: [
        (tag, _TRUTH if tag.endswith(":bool") else _NUMBER if tag.endswith(":int") else pattern)
        for tag, pattern in found
        if not tag.endswith(":timestamp")
    ]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents(path: Path) -> list[tuple[Any, dict[str, int]]]:
    """The YAML documents of a mapping file, each with the lines of its keys.

    A line is found by the key's path (``questions[0].scale.min``) and, for the names of
    columns, by ``=`` and the word itself.

    Raises:
        Problem: ``import.no-mapping``, ``import.mapping-not-yaml``, ``import.mapping-key-twice``.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise Problem(
            "import.no-mapping", _("There is no mapping file {path}.", path=path)
        ) from None
    except UnicodeDecodeError as error:
        raise _not_yaml(path.name, error) from error
    return documents_in(text, path.name)


def documents_in(text: str, name: str) -> list[tuple[Any, dict[str, int]]]:
    """The same of a text; `name` is for messages."""
    try:
        if len(text) > MOST_TEXT or any(isinstance(t, yaml.AliasToken) for t in yaml.scan(text)):
            raise yaml.YAMLError("it is too long, or it uses anchors (&, *)")
        found = list(yaml.load_all(text, _Words))
        nodes = list(yaml.compose_all(text, _Words))
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(name, error) from error
    return [
        (document, _lines(node, name))
        for document, node in zip(found, nodes, strict=True)
        if document is not None
    ]


def _not_yaml(name: str, error: Exception) -> Problem:
    return Problem(
        "import.mapping-not-yaml",
        _("The mapping {name} is not YAML: {error}", name=name,
          error=" ".join(str(error).split())),
        _("See docs/import.md for mappings that work; save the file as UTF-8."),
    )  # fmt: skip


def _lines(node: yaml.Node | None, name: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    for key, line in _walk(node, "", name):
        lines.setdefault(key, line)
    return lines


def _walk(node: yaml.Node | None, at: str, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            word, line = str(key.value), key.start_mark.line + 1
            if word in seen:
                raise Problem(
                    "import.mapping-key-twice",
                    _("The mapping {name} has the key `{key}` twice.",
                      name=f"{name}:{line}", key=f"{at}.{word}".lstrip(".")),
                    _("Keep one of them."),
                )  # fmt: skip
            seen.add(word)
            inner = f"{at}.{word}".lstrip(".")
            yield inner, line
            yield from _walk(value, inner, name)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield f"{at}[{place}]", value.start_mark.line + 1
            yield from _walk(value, f"{at}[{place}]", name)
    elif isinstance(node, yaml.ScalarNode):
        yield f"={node.value}", node.start_mark.line + 1


def place(name: str, lines: Mapping[str, int], key: str) -> str:
    """``map.yaml:7``: the file's name with the line of `key`, or of what it stands in."""
    key = key.rstrip(".")
    while key and key not in lines:
        shorter = re.sub(r"(\.[^.\[\]]*|\[[^\[\]]*\])$", "", key)
        key = shorter if shorter != key else ""
    return f"{name}:{lines[key]}" if key in lines else name
