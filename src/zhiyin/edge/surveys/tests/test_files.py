"""Files of customers: taken by what they are, cleaned, kept before they are acknowledged."""

from __future__ import annotations

import http.client
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from zhiyin.collect.surveys import answer_files
from zhiyin.collect.surveys.definition import Page, Question, Survey
from zhiyin.edge.surveys import multipart
from zhiyin.edge.surveys.tests.conftest import Asking
from zhiyin.edge.surveys.tests.visiting import Browser
from zhiyin.edge.surveys.tests.visiting import Page as Seen
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

PHOTO = Question("photo", "file", {"en": "A photo?"})
WHY = Question("why", "text", {"en": "Why?"})
ASKED = Survey({"en": "S"}, (Page("p", (PHOTO, WHY)),))
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def jpeg(size: tuple[int, int] = (40, 20)) -> bytes:
    """A picture that says where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "CameraOfAna"
    made = BytesIO()
    Image.new("RGB", size, "red").save(made, "JPEG", exif=exif)
    return made.getvalue() + b"<script>alert(1)</script>PK\x03\x04"


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(b"\0" * 2_000_000, 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows)
            + chunk(b"IEND", b""))  # fmt: skip


def send(
    ana: Browser, page: Seen, content: bytes | None, filename: str = "x.exe", **values: str
) -> Seen:
    """Send the form of a page as a browser without script does, and follow where it leads."""
    fields = [*page.fields.items(), *((n.replace("__", "."), v) for n, v in values.items())]
    parts = [f'--B\r\ncontent-disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
             for n, v in fields]  # fmt: skip
    head = f'--B\r\nContent-Disposition: form-data; name="a.photo"; filename="{filename}"\r\n'
    parts.append(
        f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + (content or b"") + b"\r\n--B--\r\n"
    )
    kind = {"content-type": "multipart/form-data; boundary=B"}
    answer = ana.ask("POST", f"/s/{ana.survey}", b"".join(parts), **kind)
    return ana.open(answer.headers["location"]) if answer.status == 303 else answer


def kept(asking: Asking) -> Path | None:
    state, *value = asking.desk.said["photo"]
    assert state == "answered"
    return answer_files.path_of(asking.data, "main", value[0][0])


def test_a_photo_is_kept_without_what_was_hidden_in_it(asking: Asking) -> None:
    asking.shelf.change(survey=ASKED)
    ana = asking.browser()
    page = ana.open()
    assert "enctype=multipart/form-data" in page.body
    end = send(ana, page, jpeg(), "../../evil.html", a__why="dirt")
    assert "Thank you." in end.text
    assert asking.desk.said["why"] == ("answered", "dirt")
    file = kept(asking)
    assert file is not None
    content = file.read_bytes()
    for hidden in (b"CameraOfAna", b"script", b"PK\x03\x04", b"Exif"):
        assert hidden not in content
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == ("JPEG", (20, 40))  # the right way up
        assert len(picture.getexif()) == 0
    assert answer_files.NAME.fullmatch(asking.desk.said["photo"][1][0])
    assert next(one.metric for told in asking.desk.taken for one in told.said) == "file"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"GIF89a" + b"\0" * 50, "Please choose a picture (JPEG, PNG, WebP) or a PDF."),
        (b"<html><script>1</script>", "Please choose a picture (JPEG, PNG, WebP) or a PDF."),
        (b"MZ\x90\0", "Please choose a picture (JPEG, PNG, WebP) or a PDF."),
        (bomb(), "This picture cannot be read"),
        (jpeg()[:200], "This picture cannot be read"),
        (PDF + b"\0" * answer_files.MOST_BYTES, "at most 10 MB"),
    ],
    ids=["gif", "html", "program", "bomb", "cut off", "too large"],
)
def test_what_is_no_picture_is_refused_kindly(asking: Asking, content: bytes, says: str) -> None:
    asking.shelf.change(survey=ASKED)
    ana = asking.browser()
    refused = send(ana, ana.open(), content, "photo.jpg", a__why="x")
    assert refused.status == 422
    assert says in refused.text
    # What was said beside it is kept.
    assert asking.desk.said["why"] == ("answered", "x")
    assert "photo" not in asking.desk.said
    assert not list(asking.data.glob("answer_files/**/*.*"))


def test_a_file_stays_until_another_is_chosen_and_nobody_claims_anothers(asking: Asking) -> None:
    asking.shelf.change(survey=Survey({"en": "S"}, (Page("p", (PHOTO,)), Page("q", (WHY,)))))
    ana = asking.browser()
    second = send(ana, ana.open(), PDF)
    hers = asking.desk.said["photo"][1][0]
    assert hers.endswith(".pdf")
    back = ana.send(second, back="1")
    assert "Your file is kept." in back.text
    send(ana, back, None)
    assert asking.desk.said["photo"][1][0] == hers
    ben = asking.browser()
    page = ben.open()
    ben.send(page, **{"a.photo": hers})
    assert asking.desk.said["photo"] == ("skipped",)
    assert ben.answer(page, "photo", a__photo=[hers]).status == 422


def test_nothing_is_acknowledged_that_is_not_on_disk(asking: Asking) -> None:
    asking.shelf.change(survey=ASKED)
    ana = asking.browser()
    page = ana.open()
    asking.desk.trouble = Problem("intake.full", _("The disk is full."))
    assert send(ana, page, jpeg()).status == 503
    assert asking.desk.taken == []


def test_a_form_of_too_many_bytes_is_refused(asking: Asking) -> None:
    asking.shelf.change(survey=ASKED)
    ana = asking.browser()
    connection = http.client.HTTPConnection("127.0.0.1", asking.port, timeout=20)
    connection.putrequest("POST", "/s/flight")
    connection.putheader("content-type", "multipart/form-data; boundary=B")
    connection.putheader("content-length", str(multipart.MOST_BYTES + 1_000))
    connection.endheaders()
    block = b"x" * 1_000_000
    for _part in range(multipart.MOST_BYTES // len(block)):
        connection.send(block)
    connection.send(b"x" * (multipart.MOST_BYTES % len(block) + 1_000))
    answer = connection.getresponse()
    assert answer.status == 413
    connection.close()
    # Where no file is asked for, a form is as small as it always was.
    asking.shelf.change(survey=Survey({"en": "S"}, (Page("p", (WHY,)),)))
    assert send(ana, ana.open(), b"x" * 300_000).status == 413


def test_large_and_clear_pictures() -> None:
    wide = BytesIO()
    Image.new("RGB", (6_000, 1_000), "blue").save(wide, "JPEG")
    ready, kind = answer_files._cleaned(wide.getvalue())
    with Image.open(BytesIO(ready)) as picture:
        assert (kind, picture.size) == ("jpg", (3_000, 500))
    clear = BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(clear, "WEBP")
    ready, kind = answer_files._cleaned(clear.getvalue())
    with Image.open(BytesIO(ready)) as picture:
        assert (kind, picture.format, picture.getpixel((0, 0))) == ("png", "PNG", (0, 0, 0, 0))
