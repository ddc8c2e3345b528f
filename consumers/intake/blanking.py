"""Blanks the values of a rejected message: what stays shows where the fault is.

Of a JSON message all names and values stay in their places. The value of a listed attribute stays
if it is valid there, or a day or a short number. Any other value is replaced by a mark with its
type, its length and a keyed hash, such as ``<blanked text, 14 characters, #9f86d081884c7d65>``:
equal values have equal hashes. A name that is no plain identifier is blanked as well.

Of a message that is no JSON nothing stays but its length and its hash.
"""

import re
from datetime import tzinfo
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from hoso.consumers.intake import national
from hoso.consumers.intake.overlong import is_excerpt
from hoso.consumers.store.pseudonyms import Hash
from hoso.domain.events import PLAIN_NAME, Event, is_harmless, type_of

Values = Literal["events", "national"]
MARK: Final = "<blanked "
EVENT_OF: Final = {type_of(model): model for model in get_args(Event)}
ANY_EVENT: Final = next(iter(EVENT_OF.values()))
# A file's name that stays as it is; any other may be that of a person.
PLAIN_FILE: Final = re.compile(r"[A-Za-z0-9._/@:-]*")


def blanked(raw: bytes, form: Values, zone: tzinfo, hashed: Hash) -> bytes:
    """A message with its values blanked. ``form`` is its format, ``zone`` that of its clocks."""
    if not raw or is_excerpt(raw):
        return raw
    try:
        message = from_json(raw, allow_inf_nan=False)
        return orjson.dumps(_Blanking(form, zone, hashed).message(message))
    except (ValueError, TypeError):  # no JSON, or none that can be written again
        about = f"a message of {len(raw):,} bytes that is no JSON, #{hashed(raw.decode('latin-1'))}"
        return b"\0" + about.encode()


def blanked_origin(origin: str, hashed: Hash) -> str:
    """Where a message is from, with the name of its file blanked unless it is plain."""
    name, colon, number = origin.rpartition(":")
    if PLAIN_FILE.fullmatch(name):
        return origin
    return f"{_mark('name', name, hashed)}{colon}{number}"


class _Blanking:
    """Blanks the values of one message."""

    def __init__(self, form: Values, zone: tzinfo, hashed: Hash) -> None:
        self._form = form
        self._context = national.any_time(zone)
        self._hashed = hashed

    def message(self, message: object) -> object:
        """The message with its values blanked."""
        if not isinstance(message, dict):
            return self._blank(message)
        if self._form == "national":
            model = national.model_of(message)
            return self._listed(model, message) if model else self._blank(message)
        known = message.get("type")
        model = EVENT_OF.get(known) if isinstance(known, str) else None
        kept = self._listed(model or ANY_EVENT, message)
        if model is None and "data" in message:
            kept["data"] = self._blank(message["data"])
        return kept

    def _listed(self, model: type[BaseModel], fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of a model; the values of those that it does not list are blanked."""
        listed = _fields(model)
        return {
            self._name(name): self._field(model, listed[name], value)
            if name in listed
            else self._blank(value)
            for name, value in fields.items()
        }

    def _field(self, model: type[BaseModel], name: str, value: Any) -> Any:
        nested = _nested(model.model_fields[name].annotation)
        if nested and isinstance(value, dict):
            return self._listed(nested, value)
        if nested and isinstance(value, list):
            return [
                self._listed(nested, each) if isinstance(each, dict) else self._blank(each)
                for each in value
            ]
        keeps = is_harmless(value) or self._is_valid(model, name, value)
        return value if keeps else self._blank(value)

    def _is_valid(self, model: type[BaseModel], name: str, value: Any) -> bool:
        try:
            adapter = _adapter(model, name)
            if self._form == "national":
                adapter.validate_python(value, context=self._context)
            else:
                adapter.validate_json(orjson.dumps(value))
        except (ValidationError, TypeError, ValueError):
            return False
        return True

    def _blank(self, value: object) -> object:
        """A value, blanked at every depth; what is empty stays."""
        match value:
            case dict():
                return {self._name(name): self._blank(each) for name, each in value.items()}
            case list():
                return [self._blank(each) for each in value]
            case None | "":
                return value
            case bool():
                return f"{MARK}boolean>"
            case str():
                return _mark("text", value, self._hashed)
            case number:
                return _mark("number", str(number), self._hashed)

    def _name(self, name: str) -> str:
        return name if PLAIN_NAME.fullmatch(name) else _mark("name", name, self._hashed)


def _mark(kind: str, value: str, hashed: Hash) -> str:
    return f"{MARK}{kind}, {len(value):,} characters, #{hashed(value)}>"


@cache
def _fields(model: type[BaseModel]) -> dict[str, str]:
    """The name of each field of a model, by its name in a message."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    annotation: Any = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]
    return TypeAdapter(annotation)


def _nested(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, or a list of it; None for a field that holds a value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_nested, get_args(annotation))), None)
