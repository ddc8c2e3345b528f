"""The figures of a statement by name, and the names of dimensions, in Vietnamese and in English.

What figures are called, the vocabulary says.
"""

from collections.abc import Mapping
from typing import Any, Final

from hoso.projections.documents import vocabulary
from hoso.projections.documents.model import NO_DATA, Bilingual
from hoso.projections.documents.vocabulary import OF_STATEMENT, capitalised

# The figures of a statement by their dotted names, in its order; what stands under nothing else
# begins with a capital letter in Vietnamese.
FIGURES: Final[Mapping[str, Bilingual]] = {
    name: term.name if term.under else Bilingual(capitalised(term.name).vi, term.name.en)
    for name, term in OF_STATEMENT.items()
}
DIMENSIONS: Final[Mapping[str, Bilingual]] = {
    "agency": Bilingual("Cơ quan", "agency"),
    "field": Bilingual("Lĩnh vực", "field"),
    "procedure": Bilingual("Thủ tục", "procedure"),
    "channel": Bilingual("Kênh", "channel"),
    "level": Bilingual("Cấp", "level"),
    "online_service": Bilingual("Dịch vụ trực tuyến", "online service"),
    "received_at": Bilingual("Nơi tiếp nhận", "received at"),
}
# The values that a dimension may have, where there are few. In English they are as in the events.
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "channel": {"online": "Trực tuyến", "in_person": "Trực tiếp", "post": "Bưu chính"},
    "level": {"province": "Cấp tỉnh", "district": "Cấp huyện", "commune": "Cấp xã"},
    "online_service": {"full": "Toàn trình", "partial": "Một phần"},
}


def value_in_words(dimension: str, value: str | None) -> Bilingual:
    """The value of a dimension as people read it; a dash where there is none."""
    text = NO_DATA if value is None else value
    return Bilingual(VALUES.get(dimension, {}).get(text, text), text)


def flat(line: Mapping[str, Any]) -> dict[str, int]:
    """The figures of a statement's line by their dotted names, in the order of FIGURES."""
    return {name: figure(line, name) for name in FIGURES}


def figure(line: Mapping[str, Any], name: str) -> int:
    """One figure of a statement's line, by its dotted name."""
    group, _, part = name.partition(".")
    return int(line[group][part] if part else line[group])


def headings(name: str) -> tuple[Bilingual, ...]:
    """The name of a figure as headings, its group first: ``resolved.early`` is (Resolved, Early).

    Raises ``KeyError`` for a name without a term.
    """
    return vocabulary.headings(_term(name))


def in_words(name: str) -> Bilingual:
    """The name of a figure, an account or a measure on one line; a name without a term as it is."""
    try:
        return vocabulary.label(_term(name))
    except KeyError:
        return Bilingual(name, name)


def _term(name: str) -> str:
    """The key of a figure's term; a group of accounts may be named without ``.total``."""
    return total if (total := f"{name}.total") in vocabulary.TERMS else name
