"""The migrations make what the models say."""

from __future__ import annotations

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    # It ends the program when there is one.
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
