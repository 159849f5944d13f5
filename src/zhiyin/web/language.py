"""The language of the moment: Django's choice, for our own sentences too."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from zhiyin.kernel.text import in_language

Answer = Callable[[HttpRequest], HttpResponse]


class SentencesInLanguage:
    """Middleware, after Django's: sentences are rendered in the language that it has chosen."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        with in_language(translation.get_language() or "en"):
            return self.answer(request)


def keep_language(answer: HttpResponse, code: str) -> None:
    """Have the browser say from now on that it reads in `code`."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
