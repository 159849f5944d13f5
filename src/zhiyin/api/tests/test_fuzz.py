"""Everything that the description allows, and much that it does not, is asked of every operation.

`make fuzz` asks ten thousand times; every run of the tests some.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from zhiyin.api.tests.conftest import a_key
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.any_store

CASES = int(os.environ.get("FUZZ_CASES", "720"))
"""In all, shared equally by operations and by requests that fit and that do not."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request neither begins nor ends with closing the connection that the test is on."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


# Its client reads an answer that is a file and does not close it, as a server does; nor does it
# close the file without a name in which it writes a form of over 500 KB.
@pytest.mark.filterwarnings(r"ignore:unclosed file <_io\.\w+ name=[0-9]:ResourceWarning")
@pytest.mark.filterwarnings("ignore:unclosed file .*zhiyin-export:ResourceWarning")
@pytest.mark.usefixtures("one_connection")
def test_no_request_breaks_the_api(filled: Owner) -> None:
    """No answer with 500, none that the description does not know, no unfit request taken."""
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    # What is too large is refused before anybody looks at its form.
    rejected = described.config.checks.negative_data_rejection
    rejected.expected_statuses = [*rejected.expected_statuses, "413"]
    operations: list[Any] = [found.ok() for found in described.get_all_operations()]  # type: ignore[union-attr]
    each = max(1, CASES // (len(operations) * len(MODES)))
    # Asked within the process, the client says that it takes gzip, and then reads it as text.
    header = {"Authorization": f"Bearer {a_key()}", "Accept-Encoding": "identity"}
    asked: Counter[int] = Counter()
    faults = []
    for operation in operations:
        for mode in MODES:
            if mode is GenerationMode.POSITIVE or _can_be_wrong(operation):
                try:
                    _ask(operation, mode, each, header, asked)
                except (FailureGroup, Failure) as found:
                    faults.append(f"{operation.label} ({mode}): {found}")
    print(f"{asked.total()} requests: {dict(sorted(asked.items()))}")
    assert not faults, "\n\n".join(faults)
    assert asked.total() >= CASES // 2
    assert min(asked[200], asked[422]) > 0


def _ask(
    operation: Any, mode: GenerationMode, each: int, header: dict[str, str], asked: Counter[int]
) -> None:
    """Ask one operation so many times."""

    # Whatever stands in an address is text, so only a body can be of a wrong form.
    is_form = mode is GenerationMode.NEGATIVE and bool(operation.body)
    checks = [*CHECKS, negative_data_rejection] if is_form else CHECKS

    @settings(
        max_examples=each, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(headers=header)
        asked[answer.status_code] += 1
        case.validate_response(answer, checks=checks, headers=header)

    ask()


def _can_be_wrong(operation: Any) -> bool:
    return bool(list(operation.iter_parameters()) or operation.body)
