"""An archive is whole and what was written, or it is not used."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from zhiyin.kernel.archive import CHECK, MANIFEST, MARK, Archive, Writer
from zhiyin.kernel.errors import Problem

WORDS = {"keys/receipts": b"key" * 3000, "log/main.duckdb": bytes(range(256)) * 40, "empty": b""}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with Writer(tmp_path / "backup.tar") as writer:
        for name, content in WORDS.items():
            writer.add(name, io.BytesIO(content), len(content))
        writer.finish({"version": "1"})
    return tmp_path / "backup.tar"


def unpacked(file: Path, folder: Path) -> dict[str, bytes]:
    with Archive(file) as archive:
        archive.unpack(folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def code_of(file: Path, folder: Path) -> str:
    with pytest.raises(Problem) as met:
        unpacked(file, folder)
    return met.value.code


def test_what_was_put_in_comes_out(file: Path, tmp_path: Path) -> None:
    assert unpacked(file, tmp_path / "out") == WORDS
    with Archive(file) as archive:
        assert archive.about["version"] == "1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out" / "keys" / "receipts").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "out"]


def test_every_tar_reads_it(file: Path) -> None:
    with tarfile.open(file) as tar:
        assert tar.getnames() == [MARK, *WORDS, MANIFEST, CHECK]
        found = tar.extractfile("keys/receipts")
        assert found is not None
        assert found.read() == WORDS["keys/receipts"]


def test_it_has_its_name_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    with Writer(file) as writer:
        writer.add("one", io.BytesIO(b"1"), 1)
        assert [path.name for path in tmp_path.iterdir()] == ["backup.tar.part"]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Problem) as met:
        Writer(file)
    assert met.value.code == "archive.exists"
    assert file.read_bytes() == before


def test_a_member_that_is_shorter_than_was_said_is_told(tmp_path: Path) -> None:
    with Writer(tmp_path / "backup.tar") as writer, pytest.raises(Problem) as met:
        writer.add("one", io.BytesIO(b"12"), 3)
    assert met.value.code == "archive.cannot-write"


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem) as met:
        Writer(tmp_path / "nowhere" / "backup.tar")
    assert met.value.code == "archive.cannot-write"


def test_cut_off_anywhere_it_is_refused(file: Path, tmp_path: Path) -> None:
    """At every block, and at odd bytes: would catch a reader that takes what there is."""
    whole = file.read_bytes()
    end = whole.rindex(CHECK.encode()) + 512
    short = tmp_path / "short.tar"
    codes = set()
    for size in (*range(0, end, 512), 100, 700, 2000, end - 1):
        short.write_bytes(whole[:size])
        codes.add(code_of(short, tmp_path / f"out-{size}"))
        assert not (tmp_path / f"out-{size}").exists()
    assert codes == {"archive.foreign", "archive.cut-off"}


def test_a_changed_byte_anywhere_is_found(file: Path, tmp_path: Path) -> None:
    """One bit in each block; blocks of padding and the end say nothing."""
    whole = file.read_bytes()
    end = whole.rindex(CHECK.encode()) + 512 + 64
    for at in range(0, end, 512):
        changed = bytearray(whole)
        changed[at] ^= 1
        (tmp_path / "changed.tar").write_bytes(changed)
        code = code_of(tmp_path / "changed.tar", tmp_path / f"out-{at}")
        assert code.startswith("archive."), at


@pytest.mark.parametrize("content", [b"", b"no tar", bytes(10240), b"PK\x03\x04" * 400])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    assert code_of(tmp_path / "other", tmp_path / "out") == "archive.foreign"


def test_another_tar_is_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(__file__, "notes.txt")
    assert code_of(tmp_path / "other.tar", tmp_path / "out") == "archive.foreign"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.tar", tmp_path / "out") == "archive.cannot-read"


def forged(file: Path, *heads: tuple[tarfile.TarInfo, bytes], form: bytes = b"1\n") -> Path:
    """A file whose manifest fits what is in it, made by somebody who means ill."""
    members = [
        {"name": head.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for head, content in heads
    ]
    manifest = json.dumps({"members": members}).encode()
    check = hashlib.sha256(manifest).hexdigest().encode()
    own = [(MARK, form), (MANIFEST, manifest), (CHECK, check)]
    first, *last = [(tarfile.TarInfo(name), content) for name, content in own]
    with tarfile.open(file, "w") as tar:
        for head, content in (first, *heads, *last):
            head.size = len(content)
            tar.addfile(head, io.BytesIO(content))
    return file


@pytest.mark.parametrize(
    "name", ["../out-of-it", "/out-of-it", "log/../../out-of-it", "log//x", "./x", "a\\b"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    evil = forged(tmp_path / "evil.tar", (tarfile.TarInfo(name), b"x"))
    assert code_of(evil, tmp_path / "in" / "out") == "archive.damaged"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_only_files_are_taken(tmp_path: Path, kind: bytes) -> None:
    head = tarfile.TarInfo("log")
    head.type, head.linkname = kind, "/etc"
    evil = forged(tmp_path / "evil.tar", (head, b""), (tarfile.TarInfo("log/x"), b"x"))
    assert code_of(evil, tmp_path / "out") == "archive.damaged"


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    twice = [(tarfile.TarInfo("one"), b"1"), (tarfile.TarInfo("one"), b"2")]
    assert code_of(forged(tmp_path / "evil.tar", *twice), tmp_path / "out") == "archive.damaged"


def test_a_newer_form_is_told(tmp_path: Path) -> None:
    newer = forged(tmp_path / "newer.tar", (tarfile.TarInfo("one"), b"1"), form=b"2\n")
    assert code_of(newer, tmp_path / "out") == "archive.newer"


def test_a_member_that_the_manifest_does_not_name_is_refused(file: Path, tmp_path: Path) -> None:
    with tarfile.open(file) as old, tarfile.open(tmp_path / "more.tar", "w") as new:
        for head in old:
            if head.name == MANIFEST:
                new.addfile(tarfile.TarInfo("log/more.duckdb"))
            new.addfile(head, old.extractfile(head))
    assert code_of(tmp_path / "more.tar", tmp_path / "out") == "archive.damaged"
