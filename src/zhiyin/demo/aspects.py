"""What Qingchuan Air tells apart in what customers say: its list, into a workspace and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhiyin.collect.aspects.starters import Written
from zhiyin.demo.language import ASPECTS

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings


def listed() -> tuple[Written, ...]:
    """Those of its aspects that are about a single thing, called as the company calls them."""
    return tuple(Written(a.key, a.english, a.chinese) for a in ASPECTS.values() if a.key)


def add(workspace: Settings, *, by: Actor) -> None:
    """Put in those that the workspace does not have; may run twice."""
    from zhiyin.collect.aspects import actions

    actions.bring(by=by, workspace=workspace.slug, written=listed())


def remove(workspace: Settings, *, by: Actor) -> None:
    """Take out those that nobody has changed and under which nothing stands."""
    from zhiyin.accounts import audit
    from zhiyin.collect.aspects import kept

    ours = {one.key: one for one in listed()}
    untouched = kept.of(workspace.slug, with_retired=False).filter(
        key__in=list(ours), revision=1, parent=None, children=None
    )
    for held in untouched:
        if (held.label_en, held.label_zh) == ours[held.key][1:3]:
            audit.record(
                by=by, action="aspect.removed", subject=held.key, workspace=workspace.slug,
                before=kept.as_dict(held),
            )  # fmt: skip
            held.delete()
