"""Can bytes of any origin be shown, without harm and without loss?"""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoso.tools.runtime import printable

NASTY = ("\x1b[31m", "\x9b2J", "\u202e", "\r", "\t", "\x00", "\x7f", "\u2028", "\\")


@given(st.binary() | st.text().map(str.encode))
@example(b"\\x1b")
@example(b"\xff\\\x1b\n")
def test_nothing_but_what_is_printable_is_shown(raw: bytes) -> None:
    assert all(line.isprintable() for line in printable.content(raw).split("\n"))


@given(st.binary() | st.text().map(str.encode))
@example(b"\\xff\xff\\\n\\n\x00\xc2\x9b\x9b")
def test_what_was_there_can_be_told(raw: bytes) -> None:
    shown = printable.content(raw)
    if printable.is_text(raw):
        assert shown.encode() == raw
    else:
        assert meant(shown) == raw


def meant(escaped: str) -> bytes:
    """The bytes that an escaped form stands for."""
    byte = re.compile(rb"\\\\|\\x([0-9a-f]{2})")
    return byte.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else b"\\", escaped.encode())


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_on_one_line(text: str) -> None:
    shown = printable.printable(f"tệp{text}.jsonl")
    assert shown.isprintable()
    assert shown.startswith("tệp")


def test_a_printable_text_is_shown_as_it_is() -> None:
    assert printable.printable("kafka:hồ-sơ/0@12-99") == "kafka:hồ-sơ/0@12-99"
    assert printable.content('{\n "a": "Sơn La 😀"\n}'.encode()) == '{\n "a": "Sơn La 😀"\n}'
