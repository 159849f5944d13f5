"""One file of many: written in one go, and known to be whole before anything of it is used.

A tar, so that what every machine has can look into it. Its first member says what it is, its last
two what must be in it: `manifest.json`, with the size and the SHA-256 of each member, and the
SHA-256 of that. A file that was cut off has no manifest, and one that was changed does not fit it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from zhiyin.kernel.durable import sync_folder
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

FORM = 1
MARK = "zhiyin-backup"
MANIFEST = "manifest.json"
CHECK = "manifest.sha256"

CHUNK = 4 << 20

MOST_MANIFEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive."""

    name: str
    size: int
    sha256: str


class Writer:
    """An archive on its way: it has its name when it is whole and on disk, and never before.

    Args:
        file: its name; what is on its way is called so too, with ``.part`` behind.

    Raises:
        Problem: ``archive.exists``, ``archive.cannot-write``.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.members: list[Member] = []
        self._part = file.with_name(f"{file.name}.part")
        if file.exists():
            raise Problem(
                "archive.exists",
                _("{file} is there already, and is not written over.", file=file),
                _("Choose another name, or remove it."),
            )
        self._opened = self._open()
        self._tar = tarfile.TarFile(fileobj=self._opened, mode="w", format=tarfile.PAX_FORMAT)
        self._put(MARK, io.BytesIO(f"{FORM}\n".encode()), len(f"{FORM}\n"))

    def _open(self) -> BinaryIO:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.fdopen(os.open(self._part, flags, 0o600), "wb")
        except OSError as error:
            raise _cannot_write(self._part, error) from error

    def add(self, name: str, content: BinaryIO, size: int) -> None:
        """Put in `size` bytes of `content`, from where it stands.

        Raises:
            Problem: ``archive.cannot-write``: there is less, or no room.
        """
        self.members.append(Member(name, size, self._put(name, content, size)))

    def finish(self, about: Mapping[str, Any]) -> int:
        """Write the manifest and let the file have its name; returns its bytes.

        Args:
            about: what the manifest says beside the members; JSON values only.
        """
        members = [{"name": m.name, "size": m.size, "sha256": m.sha256} for m in self.members]
        manifest = json.dumps({**about, "members": members}, ensure_ascii=False, indent=1).encode()
        self._put(MANIFEST, io.BytesIO(manifest), len(manifest))
        check = hashlib.sha256(manifest).hexdigest().encode()
        self._put(CHECK, io.BytesIO(check), len(check))
        try:
            self._tar.close()
            self._opened.flush()
            os.fsync(self._opened.fileno())
            size = self._opened.tell()
            self._opened.close()
            self._part.rename(self.file)
            sync_folder(self.file.parent)
        except OSError as error:
            raise _cannot_write(self._part, error) from error
        return size

    def _put(self, name: str, content: BinaryIO, size: int) -> str:
        head = tarfile.TarInfo(name)
        head.size, head.mode, head.mtime = size, 0o600, int(time.time())
        hashed = _Hashed(content)
        try:
            self._tar.addfile(head, hashed)
        except OSError as error:
            raise _cannot_write(self._part, error) from error
        return hashed.sha256.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What was not finished leaves nothing."""
        self._opened.close()
        self._part.unlink(missing_ok=True)


class _Hashed(io.RawIOBase):
    """Reads another, and keeps a hash of what was read."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self._content.read(size)
        self.sha256.update(found)
        return found


class Archive:
    """An archive that is whole, as far as its heads and its manifest say.

    Raises:
        Problem: ``archive.cannot-read``, ``archive.foreign``, ``archive.newer``,
            ``archive.cut-off``, ``archive.damaged``.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._opened = file.open("rb")
        except OSError as error:
            raise Problem(
                "archive.cannot-read",
                _("{file} cannot be read: {error}.", file=file, error=error.strerror),
                _("See that the name is right and that you may read it."),
            ) from error
        try:
            self._places = self._look()
            self.about = self._manifest()
            self.members = self._listed()
        except BaseException:
            self._opened.close()
            raise

    def unpack(self, folder: Path) -> None:
        """Write every member under `folder`, which is made, and see that each is what it was.

        Raises:
            Problem: ``archive.damaged``, and what was written is to be thrown away.
        """
        folder.mkdir(parents=True, mode=0o700)
        for member in self.members:
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "wb") as written:
                sha256 = hashlib.sha256()
                for chunk in self._chunks(member.name):
                    sha256.update(chunk)
                    written.write(chunk)
                written.flush()
                os.fsync(written.fileno())
            if sha256.hexdigest() != member.sha256:
                raise self._damaged(member.name)
        for path in (folder, *filter(Path.is_dir, folder.rglob("*"))):
            sync_folder(path)

    def _look(self) -> dict[str, tuple[int, int]]:
        """Where each member stands: offset and size. Nothing is followed, and nothing written."""
        places: dict[str, tuple[int, int]] = {}
        try:
            with tarfile.open(fileobj=self._opened, mode="r:") as tar:
                for head in tar:
                    if not places and head.name != MARK:
                        raise self._foreign()
                    if not head.isreg() or head.name in places:
                        raise self._damaged(head.name)
                    places[head.name] = (head.offset_data, head.size)
        except tarfile.TarError as error:
            raise (self._cut_off() if places else self._foreign()) from error
        if not places:
            raise self._foreign()
        return places

    def _manifest(self) -> dict[str, Any]:
        if self._read(MARK) != f"{FORM}\n".encode():
            raise Problem(
                "archive.newer",
                _("{file} was written by a newer Zhiyin.", file=self.file),
                _("Use that version, or a later one."),
            )
        if list(self._places)[-2:] != [MANIFEST, CHECK]:
            raise self._cut_off()
        manifest = self._read(MANIFEST)
        if hashlib.sha256(manifest).hexdigest().encode() != self._read(CHECK):
            raise self._damaged(MANIFEST)
        found: dict[str, Any] = json.loads(manifest)
        return found

    def _listed(self) -> list[Member]:
        """The members of the manifest, if the file holds these, of this size, and no others."""
        try:
            members = [Member(**one) for one in self.about["members"]]
        except (KeyError, TypeError) as error:
            raise self._damaged(MANIFEST) from error
        inside = {name: size for name, (_at, size) in self._places.items()}
        for name in (MARK, MANIFEST, CHECK):
            del inside[name]
        if {member.name: member.size for member in members} != inside:
            raise self._damaged(MANIFEST)
        for member in members:
            if not _stays_inside(member.name):
                raise self._damaged(member.name)
        return members

    def _read(self, name: str) -> bytes:
        if self._places[name][1] > MOST_MANIFEST_BYTES:
            raise self._damaged(name)
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        at, left = self._places[name]
        self._opened.seek(at)
        while left:
            chunk = self._opened.read(min(CHUNK, left))
            if not chunk:
                raise self._cut_off()
            left -= len(chunk)
            yield chunk

    def _foreign(self) -> Problem:
        return Problem(
            "archive.foreign",
            _("{file} is no backup of Zhiyin.", file=self.file),
            _("A backup is what `zhiyin backup FILE` writes."),
        )

    def _cut_off(self) -> Problem:
        return Problem(
            "archive.cut-off",
            _("{file} is not whole: its end is missing.", file=self.file),
            _("Copy it again from where it was made, or use another backup."),
        )

    def _damaged(self, name: str) -> Problem:
        return Problem(
            "archive.damaged",
            _("{file} is damaged: {name} in it is not what was written.", file=self.file,
              name=name),
            _("Copy it again from where it was made, or use another backup."),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()


def _stays_inside(name: str) -> bool:
    """Whether a member's name leads to a place under the folder that it is unpacked into."""
    return "\\" not in name and not {"", ".", ".."} & set(name.split("/"))


def _cannot_write(part: Path, error: OSError) -> Problem:
    return Problem(
        "archive.cannot-write",
        _("{file} cannot be written: {error}.", file=part, error=error.strerror or error),
        _("Nothing was kept. Make room, or choose another place."),
    )
