"""An erasure takes the suggestions about a customer along, and shows her only her own side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zhiyin.unify import finding, matching, places
from zhiyin.unify.models import MatchSuggestion
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id

from .test_matching import know

pytestmark = pytest.mark.django_db


def test_her_side_is_shown_and_the_pair_is_forgotten(owner: Owner, tmp_path: Path) -> None:
    know(owner, "a", email="home@example.com", name="John Smith")
    know(owner, "b", email="home@example.com", name="Mary Jones")
    matching.match(owner, "main")
    key = finding.find(owner, "main", "a").own
    her = Her("main", tmp_path, (Id("customer", "a"),), (key,))
    (eraser,) = [e for h, e in places.of_customers() if h.place == "unify.MatchSuggestion"]
    shown = json.dumps(eraser.show(her))
    assert "John Smith" in shown
    assert "Mary Jones" not in shown
    assert eraser.erase(her) == 1
    assert not MatchSuggestion.objects.exists()
