"""Does the server keep what its OpenAPI document says, whatever a program sends?

schemathesis makes calls of the document: such as it describes, and such as break it. A few at each
address in ``make test``, others at each round of ``make attack``.
"""

import json
import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from hoso.tools.serve.api import for_programs
from hoso.tools.serve.application import ROUTES
from hoso.tools.serve.openapi import document
from tests.command import hoso
from tests.serving import Server, started
from tests.told import paused, received

# What an event that is not valid gets is a verdict: so a call with one is answered with 200.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "attack" else 10
SCHEMA = schemathesis.openapi.from_dict(document(for_programs(ROUTES)))
FOUND = [each.ok() for each in SCHEMA.get_all_operations() if isinstance(each, Ok)]
OPERATIONS = {each.label: each for each in FOUND}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("fuzzed")
    lines = [json.dumps(each) for each in (received("2026-07-01", 5), paused("2026-07-02"))]
    hoso(folder, "ingest", "-", stdin="\n".join(lines).encode())
    with started(folder) as server:
        yield server


def test_what_is_served_is_what_is_fuzzed(server: Server) -> None:
    served = server.get("/openapi.json").json()
    assert served == SCHEMA.raw_schema
    assert len(OPERATIONS) == sum(map(len, served["paths"].values()))


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_fuzz_http(server: Server, operation: str, mode: GenerationMode) -> None:
    calls = OPERATIONS[operation].as_strategy(generation_mode=mode)

    @settings(max_examples=EXAMPLES, suppress_health_check=[*HealthCheck])
    @given(case=calls)
    def holds(case: schemathesis.Case) -> None:  # type: ignore[type-arg]
        case.call_and_validate(base_url=server.address, checks=CHECKS)

    holds()
    assert server.process.poll() is None
