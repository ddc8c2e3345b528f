"""Writes the published language for other systems: a JSON Schema of each event type, and AsyncAPI.

``make schemas`` writes them to docs/, and ``python -m hoso.tools.jobs.schemas FOLDER`` to another
folder. Tests compare the published files with the models. The AsyncAPI 3.0 document says in which
topic events are sent, with which key, and in which form.
"""

import sys
from pathlib import Path
from typing import Any, Final

import orjson

from hoso.domain.events import json_schemas

Json = dict[str, Any]

ASYNCAPI: Final = "asyncapi.json"
LANGUAGE: Final = "1.0.0"
CLOUDEVENT: Final = "application/cloudevents+json"
KAFKA_BINDING: Final = "0.5.0"


def files() -> dict[str, bytes]:
    """The files by name, below the folder."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    documents = {_schema_file(name): schema for name, schema in json_schemas().items()}
    documents[ASYNCAPI] = asyncapi()
    return {name: orjson.dumps(one, option=options) for name, one in documents.items()}


def asyncapi() -> Json:
    """The AsyncAPI document: what hoso receives from a topic."""
    messages = {_name(name): _message(name, schema) for name, schema in json_schemas().items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "hoso",
            "version": LANGUAGE,
            "description": "The life of administrative dossiers, as one-stop systems tell it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CLOUDEVENT,
        "channels": {"dossiers": _channel(messages)},
        "operations": {
            "record": {
                "action": "receive",
                "channel": {"$ref": "#/channels/dossiers"},
                "summary": "Each event is recorded once, by its source and id.",
            }
        },
        "components": {"messages": messages},
    }


def _channel(messages: Json) -> Json:
    return {
        "address": "{topic}",
        "title": "What happened to dossiers",
        "parameters": {"topic": {"description": "The topic of `hoso consume` and `publish`."}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _message(event_type: str, schema: Json) -> Json:
    return {
        "name": event_type,
        "summary": schema["description"],
        "contentType": CLOUDEVENT,
        "payload": {"$ref": f"./{_schema_file(event_type)}"},
        "bindings": {"kafka": {"key": KEY, "bindingVersion": KAFKA_BINDING}},
    }


KEY: Final[Json] = {
    "type": "string",
    "description": "The dossier's code, as in `subject`, so that its events stay in order.",
}


def _schema_file(event_type: str) -> str:
    return f"schemas/{event_type}.schema.json"


def _name(event_type: str) -> str:
    """What a message is called in the document: ``received``."""
    return event_type.split(".")[1]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
