"""What two rooms must agree on, so that neither lets through what the other relies on."""

from __future__ import annotations

from django.conf import settings

from zhiyin.edge.passing import MOST_BODY_BYTES


def test_the_edge_and_django_agree_how_large_a_body_may_be() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == MOST_BODY_BYTES
