"""Every write to a survey: one transaction, with its audit entry; the log process is told after."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping

from django.db import IntegrityError, transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.aspects import kept as aspects
from zhiyin.collect.aspects.actions import bring_named
from zhiyin.collect.models import Survey, SurveyVersion
from zhiyin.collect.surveys import checking, definition, kept, series, snapshot, stale, unnamed
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
LONGEST_NOTES = 2_000
MOST_BYTES = 2_000_000
"""Of a document."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""


@transaction.atomic
def create(*, by: Actor, workspace: str, key: str, survey: definition.Survey) -> Survey:
    """A draft; it may have faults until it is published.

    Raises:
        Problem: ``survey.key``, ``survey.key-taken``, ``survey.bytes``.
    """
    made = _made(by, workspace, key, survey)
    bring_named(by=by, workspace=workspace, keys=checking.aspects_of(survey))
    audit.record(
        by=by, action="survey.created", subject=key, workspace=workspace,
        after={"id": made.public_id},
    )  # fmt: skip
    return made


@transaction.atomic
def copy(*, by: Actor, workspace: str, key: str, to: str) -> Survey:
    """A new draft like this one; what was published and answered stays with the first.

    Raises:
        Problem: as `create`; ``survey.none``.
    """
    held = kept.get(workspace, key)
    made = _made(by, workspace, to, kept.draft(held))
    audit.record(
        by=by, action="survey.copied", subject=to, workspace=workspace,
        before={"key": key}, after={"id": made.public_id},
    )  # fmt: skip
    return made


@transaction.atomic
def save(
    *, by: Actor, workspace: str, key: str, survey: definition.Survey, revision: int
) -> Survey:
    """Put another document in the place of the draft; what is stale in it is worked out here.

    Args:
        revision: of the draft that was looked at: two who edit never overwrite each other.

    Raises:
        Problem: ``survey.none``, ``survey.stale``, ``survey.bytes``.
    """
    held = _locked(workspace, key, revision)
    versions = kept.versions(held)
    newest = versions[-1][1] if versions else None
    document = _document(stale.compared(kept.draft(held), survey, newest))
    if document != held.draft:
        _put(by, held, document)
        audit.record(
            by=by, action="survey.changed", subject=key, workspace=workspace,
            before={"revision": revision}, after={"revision": held.revision},
        )  # fmt: skip
    return held


@transaction.atomic
def accept(
    *,
    by: Actor,
    workspace: str,
    key: str,
    language: str,
    names: Collection[str] = (),
    revision: int | None = None,
) -> Survey:
    """Let stale translations of the draft hold as they are.

    Args:
        names: of texts, as `stale` has them; without any, all of the language.
        revision: of the draft that was looked at; None takes it as it is.

    Raises:
        Problem: ``survey.none``, ``survey.stale``, ``survey.not-stale``.
    """
    held = _locked(workspace, key, revision)
    survey = kept.draft(held)
    _put(by, held, _document(stale.accepted(survey, language, names)))
    audit.record(
        by=by, action="survey.translations-accepted", subject=key, workspace=workspace,
        before={"revision": held.revision - 1, "stale": list(names or survey.stale[language])},
        after={"revision": held.revision, "language": language},
    )  # fmt: skip
    return held


@transaction.atomic
def publish(
    *,
    by: Actor,
    workspace: str,
    key: str,
    decisions: Mapping[str, str] | None = None,
    notes: str = "",
    revision: int | None = None,
    beside: int | None = None,
    share: float = 0.5,
) -> SurveyVersion:
    """Let customers see the draft, as a version that never changes. The first one opens the survey.

    Args:
        decisions: ``same`` or ``new`` by name of each question that `series.changed` names.
        notes: what is new in it.
        revision: of the draft that was looked at; None takes it as it is.
        beside: the version that goes on beside it: new responses are given one of the two at
            random; None: they are given this one.
        share: of them, which is given this one.

    Raises:
        Problem: ``survey.none``, ``survey.stale``, ``survey.faulty``, ``survey.nothing-new``,
            ``survey.series-undecided``, ``survey.series-decision``, ``survey.notes``,
            ``survey.promise``, ``survey.no-version``, ``survey.share``.
    """
    held = _locked(workspace, key, revision)
    survey = kept.draft(held)
    _check(workspace, survey)
    if len(notes) > LONGEST_NOTES:
        raise Problem(
            "survey.notes",
            _("The notes are longer than {most} characters.", most=LONGEST_NOTES),
            _("Shorten them."),
        )
    versions = kept.versions(held)
    if versions and versions[-1][1] == survey:
        raise Problem(
            "survey.nothing-new",
            _("This is what was published last."),
            _("Change the survey first, or open it again where it was closed."),
        )
    unnamed.must_keep(survey, versions[-1][1] if versions else None)
    final = series.decided(survey, versions, decisions or {})
    if final != survey:
        _put(by, held, _document(final))
    # Those of a ready set come with it.
    bring_named(by=by, workspace=workspace, keys=checking.aspects_of(survey))
    number = len(versions) + 1
    if beside is not None:
        kept.version(held, beside)
        if not 0 < share < 1:
            raise Problem(
                "survey.share",
                _("A share of {share} is none.", share=share),
                _("Write one between 0 and 1, such as 0.5."),
            )
    if number == 1:
        held.is_open = True
        held.save(update_fields=["is_open"])
    made = SurveyVersion.objects.create(
        survey=held, number=number, document=held.draft, revision=held.revision,
        published_by=by.name, notes=notes.strip(),
        beside=beside, share=None if beside is None else share,
    )  # fmt: skip
    audit.record(
        by=by, action="survey.published", subject=key, workspace=workspace,
        after={"version": number, "decisions": dict(decisions or {}), "notes": made.notes,
               **({} if beside is None else {"beside": beside, "share": share})},
    )  # fmt: skip
    transaction.on_commit(snapshot.publish)
    return made


def close(*, by: Actor, workspace: str, key: str) -> Survey:
    """Take no answers any more. Closed already, it stays as it is.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``.
    """
    return _set_open(by, workspace, key, is_open=False)


def reopen(*, by: Actor, workspace: str, key: str) -> Survey:
    """Take answers again. Raises as `close` does."""
    return _set_open(by, workspace, key, is_open=True)


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> Survey:
    """Remove a draft that was never published; answers speak of all others.

    Raises:
        Problem: ``survey.none``, ``survey.was-published``.
    """
    held = _locked(workspace, key)
    if held.versions.exists():
        raise Problem(
            "survey.was-published",
            _("The survey {key} was published: answers may speak of it.", key=key),
            _("Close it instead: zhiyin survey close {key}", key=key),
        )
    audit.record(
        by=by, action="survey.removed", subject=key, workspace=workspace,
        before={"id": held.public_id},
    )  # fmt: skip
    held.delete()
    return held


def must_be_published(held: Survey) -> None:
    """Customers can meet it.

    Raises:
        Problem: ``survey.not-published``.
    """
    if not held.versions.exists():
        raise kept.not_published(held.key)


@transaction.atomic
def _set_open(by: Actor, workspace: str, key: str, *, is_open: bool) -> Survey:
    held = _locked(workspace, key)
    must_be_published(held)
    if held.is_open != is_open:
        held.is_open = is_open
        held.save(update_fields=["is_open"])
        action = "survey.opened" if is_open else "survey.closed"
        audit.record(by=by, action=action, subject=key, workspace=workspace)
        transaction.on_commit(snapshot.publish)
    return held


def _locked(workspace: str, key: str, revision: int | None = None) -> Survey:
    """The survey, which nobody else changes until the transaction ends."""
    held = Survey.objects.select_for_update().filter(workspace__slug=workspace, key=key).first()
    if held is None:
        raise kept.none_such(key)
    if revision is not None and held.revision != revision:
        raise Problem(
            "survey.stale",
            _("Somebody else has changed the survey in the meantime: it is at revision {now}.",
              now=held.revision),
            _("Look at it as it is now, and change it again."),
        )  # fmt: skip
    return held


def _made(by: Actor, workspace: str, key: str, survey: definition.Survey) -> Survey:
    if not KEY.fullmatch(key):
        raise Problem(
            "survey.key",
            _("{key} cannot be the key of a survey.", key=key[:80] or "“”"),
            _("Use up to 60 small letters, digits, hyphens and underscores."),
        )
    document = _document(stale.cleaned(survey))
    place = find(workspace)
    try:
        with transaction.atomic():
            return Survey.objects.create(
                workspace=place, key=key, draft=document, created_by=by.name, changed_by=by.name,
                public_id="".join(secrets.choice(_LETTERS) for _place in range(10)),
            )  # fmt: skip
    except IntegrityError as error:
        raise Problem(
            "survey.key-taken",
            _("There is a survey {key} already.", key=key),
            _("Choose another key."),
        ) from error


def _document(survey: definition.Survey) -> str:
    written = definition.write(survey)
    if len(written) > MOST_BYTES:
        raise Problem(
            "survey.bytes",
            _("The survey is larger than {most} MB.", most=MOST_BYTES // 1_000_000),
            _("Make two surveys of it."),
        )
    return written.decode()


def _put(by: Actor, held: Survey, document: str) -> None:
    held.draft = document
    held.revision += 1
    held.changed_by = by.name
    held.save(update_fields=["draft", "revision", "changed_by", "changed_at"])


def _check(workspace: str, survey: definition.Survey) -> None:
    found = checking.faults(survey, aspects.usable(workspace))
    if found:
        first = found[0]
        raise Problem(
            "survey.faulty",
            _("The survey has faults ({count}). The first, at {place}: {message}",
              count=len(found), place=first.place, message=first.message),
            first.hint,
        )  # fmt: skip
