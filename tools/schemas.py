"""How do other systems learn the language? JSON Schemas, one file per event type.

``python -m tools.schemas FOLDER`` writes them; a test holds the published ones against the models.
"""

import sys
from pathlib import Path

import orjson

from domain.events import json_schemas


def files() -> dict[str, bytes]:
    """The schema files by name."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {
        f"{event_type}.schema.json": orjson.dumps(schema, option=options)
        for event_type, schema in json_schemas().items()
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
