"""What people do, in words: every action that the audit log can hold."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

ACTIONS: dict[str, Text] = {
    "api_key.created": _("made an API key"),
    "api_key.revoked": _("revoked an API key"),
    "backup.written": _("wrote a backup"),
    "company_account.let_go": _("let go of the company account that signs in"),
    "company_account.linked": _("linked the company account that signs in"),
    "consent.recorded": _("wrote down a consent"),
    "customer.exported": _("handed out what is held about a customer"),
    "customers.merged": _("made two customers one"),
    "customers.unmerged": _("undid a merge"),
    "dead_letters.dismissed": _("put refused events aside"),
    "dead_letters.replayed": _("read refused events again"),
    "erasure.asked": _("asked for an erasure"),
    "erasure.gone": _("an erased customer's bytes are gone"),
    "erasure.unreadable": _("an erased customer is unreadable"),
    "event.defined": _("described an event"),
    "identity_rules.changed": _("changed the identity rules"),
    "import.asked": _("had a file imported"),
    "import.undone": _("undid an import"),
    "invitation.withdrawn": _("took an invitation back"),
    "match_suggestion.accepted": _("accepted a merge suggestion"),
    "match_suggestion.rejected": _("rejected a merge suggestion"),
    "match_suggestion.reopened": _("reopened a merge suggestion"),
    "membership.changed": _("changed what a member may do"),
    "membership.removed": _("took a member out"),
    "passkey.renamed": _("gave a passkey another name"),
    "password.changed": _("changed a password"),
    "password.renewed": _("gave somebody a new password"),
    "person.changed": _("changed what is known of a person"),
    "person.created": _("made an account"),
    "person.invited": _("invited somebody"),
    "person.joined": _("joined"),
    "recovery_codes.made": _("made new recovery codes"),
    "retention.applied": _("ended what is kept no longer"),
    "retention.changed": _("changed how long data is kept"),
    "rights_rules.changed": _("changed the rules of rights"),
    "second_step.set_up": _("set up two-step sign-in"),
    "second_step.taken_away": _("took a second step away"),
    "second_step.turned_off": _("turned two-step sign-in off"),
    "rows.exported": _("took rows out as a file"),
    "segment.changed": _("changed a segment"),
    "segment.created": _("made a segment"),
    "segment.removed": _("removed a segment"),
    "session.ended": _("ended a session"),
    "sign_in.done": _("signed in"),
    "sign_in.locked": _("failed to sign in too often"),
    "touchpoint_rule.added": _("added a touchpoint rule"),
    "touchpoint_rule.changed": _("changed a touchpoint rule"),
    "touchpoint_rule.moved": _("moved a touchpoint rule"),
    "touchpoint_rule.removed": _("removed a touchpoint rule"),
    "unit.changed": _("changed a unit"),
    "unit.created": _("added a unit"),
    "unit.removed": _("took a unit out"),
    "work.asked": _("asked for background work"),
    "upgrade.done": _("brought the stores up to date"),
    "work.cancelled": _("cancelled background work"),
    "work.repeated": _("ran background work again"),
    "workspace.changed": _("changed the settings of the workspace"),
    "workspace.created": _("made the workspace"),
    "write_key.created": _("made a write key"),
    "write_key.revoked": _("revoked a write key"),
}
"""Noun and past participle, and what a page says. What is not here cannot be recorded."""


def in_words(action: str) -> str:
    """An action as a page shows it; what an earlier release recorded stays as it is."""
    found = ACTIONS.get(action)
    return action if found is None else str(found)
