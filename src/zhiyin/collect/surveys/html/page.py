"""The survey page as HTML: no kit and no font of its own, complete without script.

Everything that a survey or a customer wrote is escaped here. Style and script stand in the page
itself, allowed by their hashes: one request, and nothing that a mail app's browser would leave out.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

from zhiyin.collect.surveys import logic
from zhiyin.collect.surveys.definition import Ending, Item, Survey
from zhiyin.collect.surveys.html.questions import question
from zhiyin.collect.surveys.html.views import View, lines
from zhiyin.collect.surveys.logic import Step
from zhiyin.kernel.text import Text, _

_HERE = Path(__file__).parent / "static"
_STYLE = (_HERE / "survey.css").read_text(encoding="utf-8")
_SCRIPT = (_HERE / "survey.js").read_text(encoding="utf-8").strip()
_FRAMED = (_HERE / "framed.js").read_text(encoding="utf-8").strip()

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
"""What a language calls itself; of others their tag is shown."""


def asking(view: View, step: Step, *, place: int, steps: int) -> str:
    """A page with questions, the `place`-th of so many."""
    survey, language = view.survey, view.language
    welcome = view.say(survey.welcome) if place == 1 else ""
    questions = "".join(question(view, asked) for asked in step.asked)
    again = [{"s": "back", "label": str(_("Back"))}] if place > 1 else []
    is_last = place == steps
    parts = [
        _progress(place, steps),
        _summary(view, step),
        f"<p class=welcome>{lines(welcome)}</p>" if welcome else "",
        f'<form method=post action="{escape(view.address)}" novalidate{_packing(step)}>',
        f'<input type=hidden name=r value="{escape(view.response)}">',
        f'<input type=hidden name=p value="{escape(step.page.name)}">',
        f'<input type=hidden name=l value="{escape(language)}">',
        f'<input type=hidden name=i value="{escape(view.invitation)}">' if view.invitation else "",
        *(
            f'<input type=hidden name="f.{escape(name)}" value="{escape(value)}">'
            for name, value in view.fields.items()
        ),
        questions,
        # Who fills this in cannot see the page.
        "<p class=hp><label>Website <input name=website tabindex=-1 autocomplete=off></label></p>",
        f"<button>{escape(str(_('Send') if is_last else _('Next')))}</button>",
        *(
            f"<button class=quiet name={one['s']} value=1>{escape(one['label'])}</button>"
            for one in again
        ),
        f"<footer class=small><span>{escape(_place_words(place, steps))}</span>",
        "<span id=kept role=status></span>",
        f"<button class=link name=dismiss value=1>{escape(str(_('I’d rather not answer')))}"
        "</button>",
        "</footer>",
        "</form>",
        _privacy(view),
    ]
    return _document(view, view.say(survey.title), "".join(parts))


def ended(view: View, ending: Ending, *, is_again: bool = False) -> str:
    """The last page; it says so where somebody comes back to it."""
    title = view.say(ending.title) or str(_("Thank you."))
    text = view.say(ending.text)
    link = head = ""
    if ending.link.startswith(("https://", "http://")):
        address = view.piped(ending.link, lambda said: quote(said, safe=""))
        label = view.say(ending.link_label) or address
        leads = " data-go" if ending.is_redirect else ""
        link = f'<p><a href="{escape(address)}" rel=noreferrer{leads}>{escape(label)}</a></p>'
        if ending.is_redirect:
            # Without script the browser goes on by this; the link is there for those that do not.
            head = f'<meta http-equiv=refresh content="0;url={escape(address)}">'
    body = f"<h1 tabindex=-1>{escape(title)}</h1>" + (f"<p>{lines(text)}</p>" if text else "")
    if is_again:
        body += (
            f"<p>{escape(str(_('You have answered already: there is nothing more to do.')))}</p>"
        )
    return _document(view, title, body + link, head)


def told(view: View, title: Text, text: Text) -> str:
    """A page that says why there is nothing to answer."""
    body = f"<h1 tabindex=-1>{escape(str(title))}</h1><p>{escape(str(text))}</p>"
    return _document(view, str(title), body)


def bare(title: Text, text: Text, language: str) -> str:
    """The same where there is no survey to show it in the colours of."""
    body = f"<h1>{escape(str(title))}</h1><p>{escape(str(text))}</p>"
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset=utf-8>'
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>{escape(str(title))}</title><style>{style('')}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


@lru_cache(maxsize=1024)
def style(colour: str) -> str:
    """The style in a company's colour."""
    return (f":root{{--brand:{colour}}}" if colour else "") + _STYLE


def preview(survey: Survey, name: str, language: str, *, ending: int = 0) -> str:
    """A page of a survey with all that it can ever ask, to be looked at and not sent.

    Args:
        name: of the page; blank: what is shown at the end.
        ending: which of them, from 0 on; the first where there is no such one.
    """
    view = View(survey, "", "", language, is_preview=True)
    for place, one in enumerate(survey.pages, start=1):
        if one.name == name:
            return asking(view, logic.whole(one), place=place, steps=len(survey.pages))
    endings = survey.endings or (Ending(),)
    return ended(view, endings[ending if ending < len(endings) else 0])


def preview_policy(colour: str) -> str:
    """The policy of a preview: it has the page's style, runs nothing and sends nothing."""
    return (
        f"default-src 'none'; style-src '{_hash(style(colour))}'; img-src 'self' data:;"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
    )


@lru_cache(maxsize=1024)
def policy(colour: str, hosts: tuple[str, ...] = ()) -> bytes:
    """The content security policy under which the page works.

    Args:
        hosts: origins whose pages may hold it in a frame.
    """
    ancestors = " ".join(hosts) or "'none'"
    scripts = f"'{_hash(_SCRIPT)}'" + (f" '{_hash(_FRAMED)}'" if hosts else "")
    return (
        f"default-src 'none'; style-src '{_hash(style(colour))}'; script-src {scripts};"
        " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-ancestors {ancestors}"
    ).encode()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from the right."""
    return language.lower().split("-")[0] in ("ar", "dv", "fa", "he", "ps", "ug", "ur", "yi")


# Parts


def _packing(step: Step) -> str:
    takes_files = any(one.question.type == "file" for one in step.asked)
    return " enctype=multipart/form-data" if takes_files else ""


def _document(view: View, title: str, body: str, head: str = "") -> str:
    survey, language = view.survey, view.language
    company = view.say(survey.company)
    others = "".join(
        f'<a href="{escape(_in_language(view, code))}" lang="{escape(code)}"'
        f' hreflang="{escape(code)}">{escape(LANGUAGES.get(code, code))}</a>'
        for code in survey.spoken()
        if code != language
    )
    words = {
        "kept": str(_("Saved as you go")),
        "waits": str(_("No network. Your answers wait here and are sent when it is back.")),
    }
    says = "".join(f' data-{name}="{escape(text)}"' for name, text in words.items())
    script = "" if view.is_preview else f"<script>{_SCRIPT}</script>"
    framed = (
        f'<script data-hosts="{escape(" ".join(view.hosts))}">{_FRAMED}</script>'
        if view.hosts
        else ""
    )
    direction = " dir=rtl" if is_right_to_left(language) else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"{direction}><head><meta charset=utf-8>'
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        '<meta name=robots content="noindex">'
        f"{head}<title>{escape(title)}</title><style>{style(survey.colour)}</style></head>"
        f"<body><main{says}><header><b>{escape(company)}</b>"
        f'<nav aria-label="{escape(str(_("Language")))}">{others}</nav></header>{body}</main>'
        f"{script}{framed}</body></html>"
    )


def _in_language(view: View, code: str) -> str:
    fields = {f"f.{name}": value for name, value in view.fields.items()}
    own = {"i": view.invitation} if view.invitation else {}
    return f"{view.address}?{urlencode({'lang': code, **own, **fields})}"


def _progress(place: int, steps: int) -> str:
    return (
        f'<div class=prog role=progressbar aria-valuemin=0 aria-valuemax="{steps}"'
        f' aria-valuenow="{place}" aria-label="{escape(_place_words(place, steps))}">'
        f'<progress max="{steps}" value="{place}" aria-hidden=true></progress></div>'
    )


def _place_words(place: int, steps: int) -> str:
    return str(_("Step {place} of {steps}", place=place, steps=steps))


def _summary(view: View, step: Step) -> str:
    """What is wrong, with a way to each, where a reader hears it first."""
    if view.trouble is not None:
        return f"<div class=wrongs role=alert tabindex=-1><p>{escape(str(view.trouble))}</p></div>"
    if not view.wrong:
        return ""
    rows = "".join(
        f'<li><a href="#q-{escape(item.name)}">{escape(_short(view, item))}</a>:'
        f" {escape(str(view.wrong[item.name]))}</li>"
        for item in step.items()
        if item.name in view.wrong
    )
    title = escape(str(_("Please look again:")))
    return f"<div class=wrongs role=alert tabindex=-1><p>{title}</p><ul>{rows}</ul></div>"


def _short(view: View, item: Item) -> str:
    if item.row is not None:
        return view.say(item.row.label) or item.row.value
    return view.title(item.question)


def _privacy(view: View) -> str:
    text = view.say(view.survey.privacy)
    if not text:
        return ""
    head = escape(str(_("How we use your answers")))
    return f"<details class=small><summary>{head}</summary><p>{lines(text)}</p></details>"
