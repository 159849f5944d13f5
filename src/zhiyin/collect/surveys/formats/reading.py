"""Which system a file is of, told by its content, and the survey in it."""

from __future__ import annotations

from typing import Any

import msgspec

from zhiyin.collect.surveys.formats import limesurvey, own, qualtrics, surveyjs, xlsform
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_BYTES = 20_000_000
_BOM = b"\xef\xbb\xbf"


def read(name: str, data: bytes) -> Brought:
    """The survey in a file of LimeSurvey, Qualtrics, SurveyJS, XLSForm, or our own.

    Args:
        name: of the file; its content says what it is.

    Raises:
        Problem: ``survey.file-…``, ``survey.not-one``: it is none of these, broken, or a trap.
    """
    if len(data) > MOST_BYTES:
        raise Problem(
            "survey.file-too-large",
            _("{name} is larger than {most} MB.", name=name, most=MOST_BYTES // 1_000_000),
            _("Export the questionnaire alone, without pictures and answers."),
        )
    if xlsform.is_one(data):
        return xlsform.read(data, name)
    text = data.removeprefix(_BOM).lstrip()
    if text.startswith(b"<"):
        return limesurvey.read(text, name)
    if text.startswith(b"{"):
        return _json(text, name)
    raise Problem(
        "survey.not-one",
        _("{name} is no questionnaire that can be read.", name=name),
        _("Give a .lss of LimeSurvey, a .qsf of Qualtrics, the JSON of SurveyJS, an XLSForm as"
          " Excel file, or a survey as JSON."),
    )  # fmt: skip


def _json(text: bytes, name: str) -> Brought:
    try:
        document: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "survey.not-one",
            _("{name} cannot be read as JSON: {why}.", name=name, why=str(error)[:200]),
            _("Copy or export it again."),
        ) from error
    if qualtrics.is_one(document):
        return qualtrics.read(document, name)
    if surveyjs.is_one(document):
        return surveyjs.read(document, name)
    return own.read(text)
