"""Does the AsyncAPI document say what the code does, and does it keep to AsyncAPI 3.0?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from hoso.domain.events import json_schemas
from hoso.tools.jobs.schemas import asyncapi, files

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS, DOCUMENT = json_schemas(), asyncapi()
TYPES = sorted(SCHEMAS)
# What JSON Schema has learned since draft 07, on which AsyncAPI's own schema language stands.
NEWER = {
    *("$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$vocabulary"),
    *("dependentRequired", "dependentSchemas", "maxContains", "minContains", "prefixItems"),
    *("unevaluatedItems", "unevaluatedProperties"),
}


def within(document: Any) -> Iterator[tuple[str, Any]]:
    """Every name in a document, and what stands under it."""
    if isinstance(document, dict):
        yield from document.items()
    for part in document.values() if isinstance(document, dict) else document:
        if isinstance(part, dict | list):
            yield from within(part)


def resolved(reference: str) -> Any:
    """What a reference of the document points to. Raises ``KeyError`` for nothing."""
    file, _, path = reference.partition("#/")
    if file:
        return orjson.loads((DOCS / file).read_bytes())
    part: Any = DOCUMENT
    for name in path.split("/"):
        part = part[name]
    return part


def message(event_type: str) -> Any:
    return next(m for m in DOCUMENT["components"]["messages"].values() if m["name"] == event_type)


def test_what_is_published_is_what_the_code_says() -> None:
    written = files()
    assert set(written) == {"asyncapi.json", *(f"schemas/{name}.schema.json" for name in TYPES)}
    assert {name: (DOCS / name).read_bytes() for name in written} == written
    assert {path.name for path in DOCS.glob("schemas/*")} == {
        f"{name}.schema.json" for name in TYPES
    }


def test_it_has_what_asyncapi_requires() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT) <= {
        *("asyncapi", "id", "info", "servers", "defaultContentType"),
        *("channels", "operations", "components"),
    }
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    for channel in DOCUMENT["channels"].values():
        assert {f"{{{name}}}" for name in channel["parameters"]} == {channel["address"]}
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert resolved(operation["channel"]["$ref"]) in DOCUMENT["channels"].values()


def test_every_reference_leads_somewhere() -> None:
    references = [value for name, value in within(DOCUMENT) if name == "$ref"]
    assert len(references) > 2 * len(TYPES)
    assert all(resolved(reference) for reference in references)


@pytest.mark.parametrize("event_type", TYPES)
def test_each_type_is_a_message_of_the_channel(event_type: str) -> None:
    told = message(event_type)
    [channel] = DOCUMENT["channels"].values()
    assert told in [resolved(one["$ref"]) for one in channel["messages"].values()]
    assert told["contentType"] == "application/cloudevents+json"
    assert told["bindings"]["kafka"]["key"]["type"] == "string"
    payload = resolved(told["payload"]["$ref"])
    assert payload == SCHEMAS[event_type]
    assert payload["properties"]["type"]["const"] == event_type


@pytest.mark.parametrize("event_type", TYPES)
def test_the_schemas_say_nothing_that_asyncapi_does_not_understand(event_type: str) -> None:
    assert not NEWER & {name for name, _ in within(SCHEMAS[event_type])}
