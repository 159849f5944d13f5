"""Invitations: what became of the askings that the log saw."""

from __future__ import annotations

from zhiyin.measure.metric import Source
from zhiyin.warehouse import lang


def invitations(source: Source) -> lang.Expression:
    """Invitations sent that did not bounce: 1 where a response came of it."""
    exposures = source.table("exposures")
    sent = exposures.filter(
        exposures.action == source.code("action", "invited"), exposures.invitation.notnull()
    )
    is_bounced = exposures.action == source.code("action", "bounced")
    bounced = exposures.filter(is_bounced & exposures.invitation.notnull()).invitation
    responses = source.table("responses")
    answered = responses.filter(responses.invitation.notnull()).invitation
    reached = sent.filter(~sent.invitation.isin(bounced))
    return reached.mutate(num=lang.ifelse(reached.invitation.isin(answered), 1, 0))
