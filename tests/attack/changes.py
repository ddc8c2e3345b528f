"""Which changes do the attacks make to good bytes, texts and trees? Hypothesis strategies."""

import copy
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

ODD: Final = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xc2\x9b31m",  # a command to the terminal, in C1
    "\u202e\u2066\u2028\u0085".encode(),
    "e\u0301 \u00a0\u200b ".encode(),
    b"\x1b[2J",
    b"\r\n",
    b"\n",
    b'"',
    b",",
    b";;",
    b"{",
    b"[" * 3_000,
    b"9" * 400,
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"true",
    b"0001-01-01",
    b"9999-12-31",
    b"2023-02-30",
    b"0001-01-01T00:00:00+14:00",
    b"2199-12-31T23:59:60Z",
    b"=1+1",
    b"*a",
    b"&a [*a]",
    b"!!python/object/apply:os.system ['true']",
    b"<<: {a: b}",
    b"# ",
    b"- " * 400,
    b"../../x",
    b"x" * 200_000,
)
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 15.0, 0.1, 10**30, "", " ", "x" * 300, "\0", "\u202e", "\x9b31m"),
    *("=1+1", "15", "2023-02-30", "9999-12-31", "0001-01-01T00:00:00+14:00", "23:59:60Z"),
    *("\u2028", "e\u0301", [], {}, [[]], {"": ""}, [1, "a"], {"a": {"b": []}}),
)


@st.composite
def bytes_like(draw: DrawFn, good: bytes) -> bytes:
    """Bytes with one to three changes: a bit flipped, a stretch cut, repeated or overwritten by
    something odd, or the end cut off."""
    body = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from((0, 1, 2, 8, 64, 1_000)))
        match draw(st.sampled_from(("flip", "flip", "odd", "odd", "cut", "repeat", "end"))):
            case "flip" if at < len(body):
                body[at] ^= 1 << draw(st.integers(0, 7))
            case "odd":
                body[at : at + length] = draw(st.sampled_from(ODD))
            case "cut":
                del body[at : at + length]
            case "repeat":
                body[at:at] = body[at : at + length] * draw(st.sampled_from((1, 2, 50)))
            case _:
                del body[at:]
    return bytes(body)


@st.composite
def tree_like(draw: DrawFn, good: Any) -> Any:
    """A document of keys and lists with one to three changes: a part is replaced, left out, put in
    twice, or has another name."""
    whole = {"": copy.deepcopy(good)}
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = whole
        key: Any = ""
        while isinstance(holder[key], dict | list) and holder[key] and draw(st.integers(0, 3)):
            holder = holder[key]
            keys = [*holder] if isinstance(holder, dict) else range(len(holder))
            key = draw(st.sampled_from(keys))
        change = draw(st.sampled_from(("value", "value", "without", "name", "twice")))
        if change == "value" or holder is whole:
            holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif change == "without":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            name = draw(st.sampled_from(("", "x", f"{key} ", "total", "id", "\u202e")))
            holder[name] = copy.deepcopy(holder[key]) if change == "twice" else holder.pop(key)
    return whole[""]
