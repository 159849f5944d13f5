"""What the builder's script says, in the reader's language; ``{…}`` is filled by the script."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

WORDS: dict[str, Text] = {
    "takes": _("about {time} to answer all of it"),
    # Whether it is kept
    "kept": _("Kept"),
    "keeping": _("Keeping…"),
    "unkept": _("Not kept yet"),
    "offline": _("No network: your changes wait in this browser."),
    "refused": _("Not kept: {why}"),
    "signed_out": _("You are signed out. Your changes wait in this browser: sign in again."),
    "brought_back": _("Changes that waited in this browser are back."),
    # Doing and undoing
    "undo": _("Undo"),
    "redo": _("Do again"),
    "undone": _("Undone: {what}"),
    "redone": _("Done again: {what}"),
    "edited": _("a change"),
    "removed": _("{name} is removed."),
    "added": _("{name} is added."),
    "copied": _("{name} is added, a copy."),
    "moved": _("{name} is now {place} of {of}, on page {page}."),
    "moved_in_list": _("{name} is now {place} of {of}."),
    "moved_page": _("Page {name} is now {place} of {of}."),
    "cannot_move": _("It cannot be moved further."),
    # The outline
    "survey": _("The whole survey"),
    "page_named": _("Page {name}"),
    "ending": _("Ending {n}"),
    "untitled": _("without words"),
    "add_question": _("Add a question"),
    "add_page": _("Add a page"),
    "add_ending": _("Add an ending"),
    "remove": _("Remove"),
    "duplicate": _("Duplicate"),
    "up": _("Move up"),
    "down": _("Move down"),
    "outline": _("Pages and questions"),
    "faults_here": _("has faults"),
    "conditional": _("has a condition"),
    "place_of": _("Question {n} of {of}, page {page}"),
    "to_list": _("To the list"),
    "drag": _("Drag, or press Alt with an arrow"),
    # Fields
    "fixed": _("Fixed wording"),
    "fixed_hint": _("Leave the question blank to ask it so, in every language."),
    "not_json": _("This is not JSON: {why}"),
    "list_hint": _("One a line."),
    # Choices and rows
    "add_line": _("Add"),
    "paste": _("Paste lines"),
    "paste_hint": _("One a line; each becomes an entry. A tab parts the value from the label."),
    "paste_do": _("Add these lines"),
    "more": _("More"),
    "shown_to": _("Shown to"),
    "everybody": _("everyone"),
    "by_condition": _("own condition"),
    "band": _("{name} from {low} to {high}"),
    # Conditions
    "always": _("Always shown."),
    "add_condition": _("Add a condition"),
    "all_of": _("all of these hold"),
    "any_of": _("any of these holds"),
    "which": _("Question"),
    "how": _("Comparison"),
    "value": _("Value"),
    "is": _("is"),
    "is_not": _("is not"),
    "at_most": _("is at most"),
    "at_least": _("is at least"),
    "below": _("is below"),
    "above": _("is above"),
    "contains": _("contains"),
    "is_missing": _("has no answer"),
    "is_there": _("has an answer"),
    "was_chosen": _("was chosen"),
    "was_not_chosen": _("was not chosen"),
    "agreed": _("was agreed to"),
    "field_of_link": _("field of the link"),
    "filter_text": _("As a filter"),
    "by_hand": _("Written by hand: the form above shows simple conditions only."),
    "nothing_before": _("No question comes before: a field of the link can be asked for."),
    # Faults
    "faults": _("What hinders its publication"),
    "no_faults": _("Nothing hinders its publication."),
    "n_faults": _("{n} to mend"),
    # Languages
    "source": _("{language}, the first"),
    "missing": _("missing"),
    "stale": _("the source has changed"),
    "accept": _("It still fits"),
    "only_missing": _("Only what is missing or to be looked at"),
    "nothing_missing": _("Every text is there in every language."),
    "one_language": _("It has one language. Others are named on the page of the whole survey."),
    "text_of": _("{what}, {where}"),
    # Preview
    "language": _("Language"),
    # Conflict
    "conflict": _("Somebody else has changed the survey in the meantime"),
    "conflict_by": _(
        "{name} changed it. Nothing of either is lost: what you do not take is one step "
        "back."
    ),
    "conflict_place": _("Where"),
    "conflict_theirs": _("Theirs"),
    "conflict_mine": _("Yours"),
    "conflict_both": _("Keep both; where both changed the same, yours"),
    "conflict_take_theirs": _("Take theirs"),
    "conflict_keep_mine": _("Keep yours alone"),
    "gone": _("(not there)"),
    # Publishing
    "publish": _("Publish"),
    "publish_title": _("Publish this draft"),
    "publish_faulty": _("It has faults: mend them first."),
    "publish_unkept": _("Wait until your changes are kept."),
    "publish_nothing": _("This is what was published last."),
    "publish_first": _("The first version opens the survey: whoever has its address is asked."),
    "publish_next": _("Customers who begin from now on see it; who has begun goes on as before."),
    "beside": _("Keep version {number} beside it"),
    "beside_hint": _(
        "New responses are given one of the two at random: so the step between them is known."
    ),
    "share": _("Given the new one, per cent"),
    "series_head": _("Asked otherwise than before"),
    "series_lead": _(
        "Do the figures go on, or does a new series begin? It cannot be changed "
        "later."
    ),
    "series_same": _("Same series"),
    "series_same_hint": _(
        "The figures go on. Choose it where the change cannot move an answer, as for a "
        "slip of the pen."
    ),
    "series_new": _("New series"),
    "series_new_hint": _(
        "The line breaks on every chart, and no test runs across. Choose it where people "
        "may answer otherwise."
    ),
    "series_was": _("{series}, last in version {version}; otherwise: {what}"),
    "differs_type": _("type"),
    "differs_wording": _("wording"),
    "differs_scale": _("scale"),
    "differs_choices": _("choices"),
    "differs_look": _("look"),
    "decide_each": _("Decide it for each question."),
    "notes": _("What is new in it"),
    "notes_hint": _("For colleagues; customers do not see it."),
    "cancel": _("Cancel"),
    "close": _("Close"),
    "published": _("Version {number} is published."),
    # Versions, logic, plan
    "loading": _("One moment…"),
    "failed": _("This could not be asked. Try again in a moment."),
}  # fmt: skip


def said() -> dict[str, str]:
    """All of them, in the language of the moment."""
    return {name: str(text) for name, text in WORDS.items()}
