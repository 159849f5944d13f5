"""One question of the survey page as HTML: its fields, what stands in them, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from zhiyin.collect.surveys import answer_files, validating
from zhiyin.collect.surveys.answering import DONT_KNOW, LONGEST, NOT_APPLICABLE
from zhiyin.collect.surveys.definition import OTHER, SCORED, WRITTEN, Choice, Item, Question
from zhiyin.collect.surveys.html.views import View, lines
from zhiyin.collect.surveys.logic import Asked
from zhiyin.kernel.text import _

LABELLED = frozenset({"number", "date", "dropdown", "file", *WRITTEN})
"""One field, which its label names; the others are groups."""


def question(view: View, asked: Asked) -> str:
    """A question with its title, its help, what is wrong, and its fields."""
    one = asked.question
    title = view.title(one)
    if one.type == "statement":
        return f"<p class=statement>{lines(title)}</p>"
    head = escape(title)
    if not one.is_required:
        head += f" <span class=small>{escape(str(_('optional')))}</span>"
    help_text = view.say(one.help)
    name = escape(one.name)
    helps = f'<p class=small id="h-{name}">{lines(help_text)}</p>' if help_text else ""
    if one.type == "matrix":
        return f"<fieldset><legend>{head}</legend>{helps}{_matrix(view, asked)}</fieldset>"
    (item,) = asked.items()
    body = helps + _wrong(view, item) + _field(view, asked, item)
    if one.type in LABELLED:
        label = f'<label class=lg for="a-{name}">{head}</label>'
        return f'<div class=q id="q-{name}">{label}{body}</div>'
    described = _described(view, item, bool(help_text))
    return f'<fieldset id="q-{name}"{described}><legend>{head}</legend>{body}</fieldset>'


def _wrong(view: View, item: Item) -> str:
    if item.name not in view.wrong:
        return ""
    return f'<p class=wrong id="w-{escape(item.name)}">{escape(str(view.wrong[item.name]))}</p>'


def _described(view: View, item: Item, has_help: bool) -> str:
    by = [f"w-{item.name}"] if item.name in view.wrong else []
    by += [f"h-{item.question.name}"] if has_help else []
    found = f' aria-describedby="{escape(" ".join(by))}"' if by else ""
    return found + (" aria-invalid=true" if item.name in view.wrong else "")


def _field(view: View, asked: Asked, item: Item) -> str:
    question = asked.question
    if question.type in SCORED:
        return _scale(view, question, item) + _ends(view, question)
    match question.type:
        case "single" | "multiple" | "reasons":
            return _choices(view, asked, item)
        case "dropdown":
            return _dropdown(view, asked, item)
        case "ranking":
            return _ranking(view, asked, item)
        case "file":
            return _file(view, item)
        case "consent":
            return _box(view, item, "checkbox", "yes", str(_("I agree")))
    return _typed(view, question, item)


def _scale(view: View, question: Question, item: Item) -> str:
    """Radio buttons for the numbers of a scale, as numbers, stars or faces."""
    low, high = question.scale
    name = escape(item.name)
    held = _value(view, item)
    points = range(low, high + 1)
    ends = view.ends(question)
    cells = []
    for point in points:
        spoken = {low: ends[0], high: ends[1]}.get(point, "")
        aria = f' aria-label="{point} {escape(spoken)}"' if spoken else f' aria-label="{point}"'
        on = " checked" if held == str(point) else ""
        cells.append(
            f'<label><input type=radio name="a.{name}" value="{point}"{aria}{on}>'
            f"<span>{_picture(question, point)}</span></label>"
        )
    cells += _without(question, item, held)
    look = question.look if question.look != "numbers" else ""
    return f'<div class="opts {look} n{len(cells)}">{"".join(cells)}</div>'


def _picture(question: Question, point: int) -> str:
    low, high = question.scale
    if question.look == "stars":
        return "★"
    if question.look == "faces":
        # The mouth bends from down to up; fonts of older phones have not every face.
        bend = 20 - 12 * (high - point) / (high - low)
        return (
            "<svg viewBox='0 0 24 24' aria-hidden=true><circle cx=12 cy=12 r=10 />"
            f"<path d='M8.5 9v1M15.5 9v1M7.5 15Q12 {bend:g} 16.5 15'/></svg>"
        )
    return str(point)


def _without(question: Question, item: Item, held: str) -> list[str]:
    """*Does not apply* and *don't know*, where the question has them."""
    name = escape(item.name)
    offers = []
    if question.has_not_applicable:
        offers.append((NOT_APPLICABLE, _("Does not apply")))
    if question.has_dont_know:
        offers.append((DONT_KNOW, _("Don’t know")))
    return [
        f'<label class=none><input type=radio name="a.{name}" value="{value}"'
        f"{' checked' if held == value else ''}><span>{escape(str(label))}</span></label>"
        for value, label in offers
    ]


def _ends(view: View, question: Question) -> str:
    low, high = view.ends(question)
    if not (low or high) or question.look == "faces":
        return ""
    first, last = question.scale
    return (
        f"<div class='ends small' aria-hidden=true><span>{first} {escape(low)}</span>"
        f"<span>{last} {escape(high)}</span></div>"
    )


def _matrix(view: View, asked: Asked) -> str:
    rows = []
    for item in asked.items():
        label = view.say(item.row.label) if item.row else ""
        name = escape(item.name)
        rows.append(
            f'<div class=row role=radiogroup id="q-{name}" aria-labelledby="l-{name}"'
            f'{_described(view, item, False)}><p id="l-{name}">{escape(label or item.name)}</p>'
            f"{_wrong(view, item)}{_scale(view, asked.question, item)}</div>"
        )
    return _ends(view, asked.question) + "".join(rows)


def _choices(view: View, asked: Asked, item: Item) -> str:
    question = asked.question
    kind = "radio" if question.type == "single" else "checkbox"
    boxes = [_box(view, item, kind, choice.value, _label(view, choice)) for choice in asked.choices]
    if question.has_other:
        boxes.append(_other(view, item, kind))
    boxes += [f"<div class=box>{one}</div>" for one in _without(question, item, _value(view, item))]
    return f"<div class=boxes>{''.join(boxes)}</div>"


def _box(view: View, item: Item, kind: str, value: str, label: str) -> str:
    on = " checked" if value in _values(view, item) else ""
    return (
        f'<label class=box><input type={kind} name="a.{escape(item.name)}" value="{escape(value)}"'
        f"{on}><span>{escape(label)}</span></label>"
    )


def _other(view: View, item: Item, kind: str) -> str:
    name = escape(item.name)
    held = view.answers.get(item.name)
    typed = view.sent.get(f"t.{item.name}", [held.text if held else ""])[0]
    label = escape(str(_("Other, namely")))
    return (
        _box(view, item, kind, OTHER, str(_("Other")))
        + f'<input class=other name="t.{name}" value="{escape(typed)}" aria-label="{label}"'
        f' placeholder="{label}" maxlength="{LONGEST["text"]}">'
    )


def _dropdown(view: View, asked: Asked, item: Item) -> str:
    name = escape(item.name)
    held = set(_values(view, item))
    offers: list[tuple[str, str]] = [
        ("", str(_("Please choose"))),
        *((choice.value, _label(view, choice)) for choice in asked.choices),
    ]
    if asked.question.has_not_applicable:
        offers.append((NOT_APPLICABLE, str(_("Does not apply"))))
    if asked.question.has_dont_know:
        offers.append((DONT_KNOW, str(_("Don’t know"))))
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value and value in held else ""}>'
        f"{escape(label)}</option>"
        for value, label in offers
    )
    return (
        f'<select id="a-{name}" name="a.{name}"{_described(view, item, False)}>{options}</select>'
    )


def _ranking(view: View, asked: Asked, item: Item) -> str:
    name = escape(item.name)
    held = view.answers.get(item.name)
    places = {value: str(place) for place, value in enumerate(held.chosen, 1)} if held else {}
    rows = []
    for choice in asked.choices:
        field_name = f"k.{item.name}.{choice.value}"
        place = view.sent.get(field_name, [places.get(choice.value, "")])[0]
        options = "".join(
            f'<option value="{n}"{" selected" if place == str(n) else ""}>{n}</option>'
            for n in range(1, len(asked.choices) + 1)
        )
        rows.append(
            f'<label class=rank><select name="{escape(field_name)}">'
            f'<option value="">–</option>{options}</select>'
            f"<span>{escape(_label(view, choice))}</span></label>"
        )
    hint = escape(str(_("1 is the first place.")))
    return f'<p class=small id="r-{name}">{hint}</p><div class=boxes>{"".join(rows)}</div>'


def _file(view: View, item: Item) -> str:
    """A field for one file; what was sent is said, and never shown."""
    name = escape(item.name)
    held = view.answers.get(item.name)
    has_one = held is not None and held.state == "answered"
    kept = f"<p class=small>{escape(str(_('Your file is kept. Another takes its place.')))}</p>"
    help_id = f' aria-describedby="h-{name}"' if item.question.help else ""
    described = _described(view, item, bool(item.question.help)) or help_id
    without = "".join(
        f"<div class=box>{one}</div>" for one in _without(item.question, item, _value(view, item))
    )
    return (
        f'{kept if has_one else ""}<input type=file id="a-{name}" name="a.{name}"'
        f' accept="{answer_files.ACCEPT}"{described}>{without}'
    )


def _typed(view: View, question: Question, item: Item) -> str:
    name = escape(item.name)
    held = escape(_value(view, item))
    attributes = (
        f'id="a-{name}" name="a.{name}"{_described(view, item, bool(question.help))}'
        f"{' required' if question.is_required else ''}"
    )
    longest = LONGEST.get(question.type)
    if longest is not None:
        most = longest if question.at_most is None else int(question.at_most)
        attributes += f' maxlength="{most}"'
    if question.type == "comment":
        return f"<textarea rows=4 {attributes}>\n{held}</textarea>"
    for name_, says in (("min", question.earliest), ("max", question.latest)):
        if says and (bound := validating.day(says, view.today)) is not None:
            attributes += f' {name_}="{bound.isoformat()}"'
    kinds = {
        "number": "text inputmode=decimal",
        "date": "date",
        "email": "email autocomplete=email",
        "phone": "tel autocomplete=tel",
    }
    return f'<input type={kinds.get(question.type, "text")} value="{held}" {attributes}>'


def _label(view: View, choice: Choice) -> str:
    return view.say(choice.label) or choice.value


def _value(view: View, item: Item) -> str:
    """What stands in a field of one value."""
    return next(iter(_values(view, item)), "")


def _values(view: View, item: Item) -> Iterable[str]:
    sent = view.sent.get(f"a.{item.name}")
    if sent is not None:
        return sent
    held = view.answers.get(item.name)
    if held is None:
        return ()
    match held.state:
        case "not_applicable":
            return (NOT_APPLICABLE,)
        case "dont_know":
            return (DONT_KNOW,)
        case "answered":
            if held.score is not None:
                return (f"{held.score:g}",)
            return held.chosen or (held.text,)
    return ()
