"""Survey structures of LimeSurvey (.lss), of both generations.

Until version 3 a row carries its text and language, and is there once a language; since
version 4 texts stand in ``…_l10ns``, which name the row by its id. The numbers of the format
(``DBVersion``) are not asked: what is there is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from zhiyin.collect.surveys.conditions import FIELD
from zhiyin.collect.surveys.definition import Ending, Survey, Texts
from zhiyin.collect.surveys.formats import languages, limesurvey_questions, xmlrows
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.collect.surveys.formats.draft import Draft, Quoting
from zhiyin.collect.surveys.formats.limesurvey_source import Source, group_rows
from zhiyin.collect.surveys.formats.xmlrows import Row, Tables
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

_QUOTES = re.compile(r"\{([^{}\n]*[A-Za-z_][^{}\n]*)\}")
_QUOTED = re.compile(r"(?:INSERTANS:)?(\w+)(?:\.(?:shown|value|code|NAOK))?")
_TOKEN = re.compile(r"TOKEN:(\w+)")
_ELSEWHERE = {"quota": "name", "assessments": "name", "survey_url_parameters": "parameter"}
"""Tables of other things, and the column that names each."""


def _quoted(found: re.Match[str]) -> str:
    told = found[1].strip()
    if field := _TOKEN.fullmatch(told):
        return f"{FIELD}.{field[1].lower()}"
    answer = _QUOTED.fullmatch(told)
    return answer[1] if answer else ""


def read(data: bytes, name: str) -> Brought:
    """The survey of a file.

    Raises:
        Problem: ``survey.file-broken``, ``survey.file-trap``, ``survey.not-one``.
    """
    tables = xmlrows.read(data, name)
    kind = tables.plain.get("LimeSurveyDocType")
    if tables.root != "document" or kind != "Survey":
        raise Problem(
            "survey.not-one",
            _("{name} is no survey of LimeSurvey: it begins with <{root}>{kind}.",
              name=name, root=tables.root[:60], kind=f" ({kind[:60]})" if kind else ""),
            _("In LimeSurvey, export the survey structure (.lss)."),
        )  # fmt: skip
    rows = tables.of("surveys")
    if not rows:
        raise Problem(
            "survey.file-broken",
            _("{name} has no row in its table surveys.", name=name),
            _("Export the survey structure (.lss) again."),
        )
    return _Reader(tables, rows[0], name).read()


class _Reader:
    def __init__(self, tables: Tables, survey: Row, name: str) -> None:
        self._name = name
        self._survey = survey
        said = [row.get("language", "") for row in tables.of("languages")]
        said += survey.get("additional_languages", "").split()
        main = survey.get("language") or next(iter(said), "")
        code = languages.code(main) or "en"
        self.draft = Draft(
            code, [languages.code(one) for one in said], quoting=Quoting(_QUOTES, _quoted)
        )
        self.source = Source(tables, self.draft, survey.get("sid", ""))
        for one in dict.fromkeys(said):
            if not languages.code(one):
                self.draft.lost(one or "language", _("No language is called so here."))
        for table, key in _ELSEWHERE.items():
            for row in tables.of(table):
                element = f"{table}: {row.get(key, '')}"
                self.draft.lost(element, _("No equal here: {what}.", what=table))

    def read(self) -> Brought:
        draft, settings = self.draft, self.source.settings()
        title = self._texts(settings, "surveyls_title", instead=self._name)
        parts = [self._texts(settings, key) for key in
                 ("surveyls_welcometext", "surveyls_description")]  # fmt: skip
        if self._survey.get("showwelcome", "Y") == "N":
            parts = []
        privacy = self._texts(settings, "surveyls_policy_notice")
        if self._survey.get("showsurveypolicynotice", "0") == "0":
            privacy = {}
        survey = Survey(
            title, (), welcome=_joined(parts), privacy=privacy, closes_on=self._closes_on()
        )
        way = self._survey.get("format", "G")
        if way != "G":
            draft.changed("format", _("Each group of questions is a page here."))
        for group in group_rows(self.source.tables):
            self._group(group)
        self._ending(settings)
        return draft.finish(survey)

    def _texts(self, rows: Iterable[Row], key: str, *, instead: str = "") -> Texts:
        given = {
            languages.code(row.get("surveyls_language", "")): row[key]
            for row in rows
            if row.get(key)
        }
        given.pop("", None)
        return self.draft.texts(given, key, instead=instead)

    def _closes_on(self) -> date | None:
        expires = self._survey.get("expires", "")
        try:
            return date.fromisoformat(expires[:10]) if expires else None
        except ValueError:
            self.draft.lost("expires", _("{value} is no date.", value=expires[:40]))
            return None

    def _group(self, group: Row) -> None:
        draft, source = self.draft, self.source
        gid = group.get("gid", "")
        names = source.group_texts(gid, "group_name")
        name = next(iter(names.values()), f"group {gid}")
        shown = source.condition(f"{name}.grelevance", group.get("grelevance", ""))
        draft.page(name, shown)
        if group.get("randomization_group"):
            draft.lost(name, _("No equal here: {what}.", what="randomization_group"))
        showing = self._survey.get("showgroupinfo", "B")
        heading = draft.texts(names, name) if showing in ("B", "N") else {}
        more = source.group_texts(gid, "description") if showing in ("B", "D") else {}
        draft.say(f"{name}_title", heading, draft.texts(more, name))
        for question in source.questions(gid):
            limesurvey_questions.ask(source, question)

    def _ending(self, settings: list[Row]) -> None:
        draft = self.draft
        text = self._texts(settings, "surveyls_endtext")
        links = {row.get("surveyls_url", "") for row in settings} - {""}
        link = next((one for one in sorted(links) if re.match(r"https?://\S+$", one)), "")
        label: Texts = {}
        if link:
            given = self._texts(settings, "surveyls_urldescription")
            label = given or draft.texts({}, "surveyls_url", instead=link)
        if len(links) > 1 or (links and not link):
            draft.changed("surveyls_url", _("There is one link for all languages."))
        if text or link:
            title = {} if text else label
            draft.endings.append((Ending(title=title, text=text, link=link, link_label=label), ()))


def _joined(parts: list[Texts]) -> Texts:
    """Texts under each other, in the languages that all of them have."""
    there = [part for part in parts if part]
    codes = [code for code in (there[0] if there else {}) if all(code in part for part in there)]
    return {code: "\n".join(part[code] for part in there) for code in codes}
