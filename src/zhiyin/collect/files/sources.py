"""Which file a mapping means, and how each format becomes a staged table."""

from __future__ import annotations

from pathlib import Path

from zhiyin.collect.files import csvfiles
from zhiyin.collect.files.mapping import Mapping
from zhiyin.collect.files.staging import Staged, Workshop, check_size
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

IGNORED = (".yaml", ".yml", ".md", ".txt~")


def stage(path: Path, mapping: Mapping, shop: Workshop, data: Path) -> tuple[Staged, str]:
    """Read the file that a mapping means; returns it and the file's name.

    Raises:
        Problem: no such file, which file, or what is wrong with it.
    """
    file = file_of(path, mapping)
    check_size(file, data, shop.limits)
    return csvfiles.stage(file, mapping.shared.read, shop, "staged", file.name), file.name


def file_of(path: Path, mapping: Mapping) -> Path:
    """The one data file that a mapping is about.

    Raises:
        Problem: ``import.no-file``, ``import.which-file``.
    """
    name = mapping.shared.file
    if path.is_file():
        return path
    found = sorted(
        file
        for file in (path.glob(name) if name else path.iterdir())
        if file.is_file() and file.suffix.lower() not in IGNORED and not file.name.startswith(".")
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise Problem(
            "import.no-file",
            _("The mapping {name} finds no file {file} in {path}.",
              name=mapping.name, file=name or "", path=path),
        )  # fmt: skip
    raise Problem(
        "import.which-file",
        _("{path} holds several files, and the mapping {name} does not say which.",
          path=path, name=mapping.name),
        _("Write `file: NAME` in the mapping, or a `query` over the files."),
    )  # fmt: skip
