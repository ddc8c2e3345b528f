"""The OpenAPI document of the API and of the addresses that take events: ``/openapi.json``.

It is made from the same tables as the addresses (``Route``, ``receive.ROUTES``) and from the models
of events, so it cannot promise what is not served.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Final, get_args

import orjson
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from hoso.consumers.http.binding import BATCH, JSON, LONGEST_BODY_BYTES, MOST_EVENTS, STRUCTURED
from hoso.domain.events import Event, type_of
from hoso.tools.serve.api import FORMS, for_programs
from hoso.tools.serve.page import MEDIA, Plain, Route
from hoso.tools.serve.question import LANGUAGE, MOST_CHARS, REPEATED

Json = dict[str, Any]
REFERENCE: Final = "#/components/schemas/{model}"
PART: Final = re.compile(r"{(\w+)(?::\w+)?}")  # of a path
REFUSALS: Final = {
    "400": "The call cannot be read, or a parameter means nothing; the text says which, and how to "
    "mend it.",
    "401": "Nobody has logged in.",
    "403": "The account may not do this.",
    "404": "There is nothing of this name.",
    "406": "There is none of the media types of `Accept`.",
    "413": "The body, an event or a batch is larger than the limits.",
    "415": "The media type is none that this address takes.",
    "429": "Too many events wait to be recorded, or too many calls came: see `Retry-After`.",
    "503": "The store is away: nothing is lost, send it again. See `Retry-After`.",
}
# What parameters mean, with an example; others mean what the option of the same name does.
WORDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "account": ("The figure whose dossiers are asked for.", "resolved.overdue"),
    "window": ("A period by its name.", "2026-Q3"),
    "from": ("The first day of the window.", "2026-06-15"),
    "to": ("The last day of the window.", "2026-09-14"),
    "by": ("Dimensions that split the figures, with commas between them.", "agency,channel"),
    "slice": ("Only dossiers with this value of a dimension.", "channel=online"),
    "under": ("Only dossiers of this body of the registry, and of all bodies under it.", "so_tnmt"),
    "roll-up": ("Whose bodies count: those of the window's last day, or today's.", "then"),
    "attribution": ("Where a flow counts after a transfer.", "held"),
    "as-of": ("Only what was recorded by this instant or day is known.", "2026-09-30"),
    "law": ("By which regime dossiers are judged.", "in_force"),
    "law-as-of": ("Only law that had been published by this day is known.", "2026-07-01"),
    "after-supplement": ("How the clock goes on after a supplement.", "restart"),
    "supplement-limit": ("How many requests for a supplement are in order.", "1"),
    "reschedule": ("What a new appointment does to the due day.", "accept_once"),
    "pin": ("A parameter of the rules for the whole history.", "supplement_limit=2"),
    "on": ("A day.", "2026-07-01"),
    "within": ("How many working days ahead.", "3"),
    "diff": ("Only what differs between two days.", None),
    "sort": ("The column that sorts the list.", "due"),
    "page": ("Which page of the list.", "1"),
    LANGUAGE: ("The language of the answer.", "en"),
}


def routes(pages: Iterable[Route | Plain]) -> tuple[Plain, ...]:
    """The address of the document about some pages."""
    questions = for_programs(pages)
    written = cache(lambda: orjson.dumps(document(questions)))  # when it is first asked for

    async def endpoint(_: Request) -> Response:
        return Response(written(), media_type=JSON)

    return (Plain("/openapi.json", endpoint, None),)  # it says nothing of the history


def document(questions: Iterable[Route]) -> Json:
    """The OpenAPI 3.1 document about some questions of the API (``for_programs``), and about the
    addresses that take events."""
    asked = {PART.sub(r"{\1}", route.path): {"get": _question(route)} for route in questions}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hoso",
            "version": version("hoso"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Figures of administrative dossiers, and a way in for their events. "
            "docs/HTTP.md says how to send; docs/CONTRACT.md what events and figures mean.",
        },
        "paths": {**_taking(), **asked},
        "components": {
            "schemas": {**_schemas(), **_events()},
            "responses": {status: _refusal(text) for status, text in REFUSALS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _question(route: Route) -> Json:
    """What is asked and answered at an address of the API."""
    media: Json = {MEDIA[paper].partition(";")[0]: {} for paper in FORMS.values()}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PART.findall(route.path)
    ]
    return {
        "operationId": "_".join(PART.sub("one", word) for word in route.command),
        "summary": f"What `hoso {' '.join(route.command)}` answers.",
        "parameters": [*in_path, *_parameters(route)],
        "responses": {
            "200": {"description": "The answer.", "content": media},
            "307": {"description": "The question with what was left out."},
            **_refused("400", "401", "403", "404", "406", "429", "503"),
        },
    }


def _parameters(route: Route) -> Iterator[Json]:
    """The parameters of a question, and the language of its answer."""
    for name in (*route.parameters, LANGUAGE):
        yield _parameter(name, name in REPEATED or name in route.repeated)


def _parameter(name: str, is_repeated: bool) -> Json:
    side_a = name.removeprefix("against-")
    words, example = WORDS.get(side_a, (f"As `--{name}` of the command.", None))
    text: Json = {"type": "string", "maxLength": MOST_CHARS}
    if name == LANGUAGE:
        text = {"enum": ["vi", "en"]}
    examples = {"example": [example] if is_repeated else example} if example else {}
    return {
        "name": name,
        "in": "query",
        "description": words if side_a == name else f"Of side B: {words}",
        "schema": {"type": "array", "items": text} if is_repeated else text,
        **examples,
    }


def _taking() -> Json:
    """The addresses that take events."""
    attributes = [
        {"name": f"ce-{name}", "in": "header", "schema": {"type": "string"}}
        for name in ("specversion", "id", "source", "type", "subject", "time", "recordedtime")
    ]
    one = {STRUCTURED: {"schema": _the("Event")}, JSON: {"schema": {"type": "object"}}}
    batch = {"type": "array", "items": _the("Event"), "maxItems": MOST_EVENTS}
    records = {"anyOf": [_the("Record"), {"type": "array", "items": _the("Record")}]}
    return {
        "/events": {
            "post": _post(
                "send_event",
                "Send an event: structured, or binary with the headers `ce-…`.",
                one,
                attributes,
            )
        },
        "/events/batch": {
            "post": _post(
                "send_events",
                f"Send up to {MOST_EVENTS:,} events in {LONGEST_BODY_BYTES:,} bytes.",
                {BATCH: {"schema": batch}},
            )
        },
        "/national": {
            "post": _post(
                "send_records",
                "Send records of the national portal (docs/NATIONAL.md).",
                {JSON: {"schema": records}},
            )
        },
        "/events/reconcile": {"get": _reconcile()},
    }


def _post(operation: str, summary: str, content: Json, parameters: Iterable[Json] = ()) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [*parameters],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _answer("A verdict for each, in the order sent; all is on disk.", "Verdicts"),
            **_refused("400", "401", "403", "404", "413", "415", "429", "503"),
        },
    }


def _reconcile() -> Json:
    source = {"type": "string", "minLength": 1, "maxLength": 400}
    asked: list[tuple[str, bool, Json, str]] = [
        ("source", True, source, "/mot-cua/son-la"),
        ("day", True, {"type": "string", "format": "date"}, "2026-11-29"),
        ("ids", False, {"enum": ["all"]}, "all"),
    ]
    return {
        "operationId": "reconcile",
        "summary": "How many events of a source occurred on a day, and a hash over their ids.",
        "parameters": [
            {"name": name, "in": "query", "required": required, "schema": form, "example": example}
            for name, required, form, example in asked
        ],
        "responses": {
            "200": _answer("What is here.", "Reconciliation"),
            **_refused("400", "401", "403", "404", "429", "503"),
        },
    }


def _answer(description: str, model: str) -> Json:
    return {"description": description, "content": {JSON: {"schema": _the(model)}}}


def _refused(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _refusal(text: str) -> Json:
    return _answer(text, "Error")


def _the(model: str) -> Json:
    return {"$ref": REFERENCE.format(model=model)}


def _schemas() -> Json:
    """What is answered, and records of the national portal."""
    text: Json = {"type": "string"}
    word = {"enum": ["recorded", "repeat", "conflict", "reject"]}
    return {
        "Error": _object({"error": text}, ["error"]),
        "Verdict": _object(
            {"verdict": word, "id": text, "reason": text, "path": text}, ["verdict"]
        ),
        "Verdicts": _object(
            {"call": text, "verdicts": {"type": "array", "items": _the("Verdict")}},
            ["call", "verdicts"],
        ),
        "Reconciliation": _object(
            {
                "source": text,
                "day": text | {"format": "date"},
                "events": {"type": "integer", "minimum": 0},
                "hash": text | {"pattern": "^sha256:[0-9a-f]{64}$"},
                "ids": {"type": "array", "items": text},
            },
            ["source", "day", "events", "hash"],
        ),
        "Record": {"type": "object", "properties": {"MaHoSo": text}},
    }


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required}


def _events() -> Json:
    """The models of events, and ``Event``, which is any of them by its type."""
    models = get_args(Event)
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template=REFERENCE
    )
    names = {type_of(model): REFERENCE.format(model=model.__name__) for model in models}
    event = {
        "oneOf": [{"$ref": reference} for reference in names.values()],
        "discriminator": {"propertyName": "type", "mapping": names},
    }
    schemas: Json = found["$defs"]
    return {**schemas, "Event": event}
