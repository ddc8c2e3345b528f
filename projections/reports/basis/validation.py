"""Validates profiles and entered data, and says in one line what is wrong and how to mend it."""

from decimal import Decimal
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from hoso.domain.provisions import Certainty

SHOWN_CHARS: Final = 60  # of a wrong value, in error messages

Percent = Annotated[Decimal, Field(ge=0, le=100)]
WholeNumber = Annotated[int, Field(ge=0)]
Model = TypeVar("Model", bound=BaseModel)


class Sourced(BaseModel):
    """Data with its source, and how certain it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Field(min_length=1)]
    certainty: Certainty


def validated(model: type[Model], place: str, document: object) -> Model:
    """A document as a model. ``place`` is the file, or the line of a file, that it comes from.

    Raises ``ValueError`` with one line: which key, what is wrong with it, and how to mend it.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        steps, fault = first_fault(error)
        key = ".".join(map(str, steps))
        raise ValueError(f"{f'{place}: {key}' if key else place}: {fault}") from None


def first_fault(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """The first fault of a document: the keys that lead to it, and what is wrong there."""
    first = error.errors(include_url=False)[0]
    return first["loc"], _fault(first)


def _fault(error: ErrorDetails) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "no such key: leave it out, or write it as the others are"
        case "missing":
            return "is missing: add it"
        case "model_type" | "named_tuple_type":
            return "is no table of keys: write one, key: value"
        case "tuple_type":
            return "is no list: begin each item on a line of its own, with a dash"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
    return f"{error['msg']} (given: {str(error['input'])[:SHOWN_CHARS]!r})"
