"""What providers of SMS tell: an address with a secret in it, that no person opens."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from zhiyin.collect.reaching import replies
from zhiyin.kernel.errors import Problem


@csrf_exempt  # a program without a session; the address has a secret
@login_not_required
@never_cache
@require_POST
def sms(request: HttpRequest, workspace: str, secret: str) -> JsonResponse:
    """Somebody answered an SMS, or one did not arrive."""
    held = replies.workspace_of(workspace, secret)
    if held is None:
        raise Http404
    try:
        replies.heed(held, replies.read(request.body))
    except Problem as problem:
        return JsonResponse({"code": 1, "result": 1, "msg": problem.code}, status=400)
    # Each provider looks for its own word of thanks, and tells again where it is not there.
    return JsonResponse({"code": 0, "msg": "OK", "result": 0, "errmsg": "OK"})
