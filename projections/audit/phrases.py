"""Writes phrases in Vietnamese and in English, with numbers as each language writes them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from hoso.projections.documents.model import Bilingual

SWAP_COMMA_AND_POINT: Final = str.maketrans(",.", ".,")
COMMA: Final = Bilingual(", ", ", ")
PLUS: Final = Bilingual(" + ", " + ")
OR: Final = Bilingual(" hoặc ", " or ")

Value = Decimal | int | str | Bilingual | Sequence[Bilingual] | Sequence[str]


def phrase(vi: str, en: str = "", **values: Value) -> Bilingual:
    """A phrase in both languages, with values in place of ``{names}``.

    Without ``en``, ``vi`` is the template of both. Raises ``KeyError`` when a name has no value.
    """
    texts = {name: value_text(value) for name, value in values.items()}
    return Bilingual(
        vi.format(**{name: text.vi for name, text in texts.items()}),
        (en or vi).format(**{name: text.en for name, text in texts.items()}),
    )


def value_text(value: Value) -> Bilingual:
    """A value as each language writes it: 12.622,5 and 12,622.5; several are joined by commas."""
    if isinstance(value, Bilingual):
        return value
    if isinstance(value, str):
        return Bilingual(value, value)
    if isinstance(value, Decimal | int):
        english = f"{Decimal(value):,f}"
        return Bilingual(english.translate(SWAP_COMMA_AND_POINT), english)
    return joined(value, COMMA)


def joined(values: Iterable[Value], separator: Bilingual) -> Bilingual:
    """Values with a separator between them."""
    texts = [value_text(value) for value in values]
    return Bilingual(
        separator.vi.join(text.vi for text in texts), separator.en.join(text.en for text in texts)
    )
