"""The other language, at once and kept."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from zhiyin.accounts.models import Person
from zhiyin.accounts.people import change_person
from zhiyin.kernel.text import best_language
from zhiyin.web.language import keep_language
from zhiyin.web.views.reading import actor_of


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Read in the chosen language from now on, and go back to where one was."""
    code = best_language(request.POST.get("language"))
    back = request.POST.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = "/"
    if isinstance(request.user, Person):
        change_person(by=actor_of(request), person=request.user, language=code)
    answer = HttpResponseRedirect(back)
    keep_language(answer, code)
    return answer
