"""Does a reject keep what shows where its fault is, and nothing that may be personal data?"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.consumers.intake.blanking import blanked, blanked_origin
from hoso.consumers.intake.keeping import is_blanked
from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.intake.validate import Rejected, parse_event
from hoso.consumers.store.log import BLANKED, Reject
from hoso.consumers.store.pseudonyms import keyed_hash
from hoso.tools.runtime import environment
from tests.told import received

Json = dict[str, Any]

NAME = "Nguyễn Văn An"
HASHED = keyed_hash(b"k" * 32)
ZONE = environment.zone()
BEGUN = received("2023-03-01", 5)
RECORD: Json = {
    "MaHoSo": "D1",
    "TrangThaiHoSo": "4",
    "DonViXuLy": "H52",
    "MaLinhVuc": "F",
    "MaTTHC": "P",
    "KenhThucHien": "1",
    "NgayTiepNhan": "20230301080000",
    "DanhSachHoSoBoSung": [{"NgayBoSung": "20230302080000"}],
}


def kept(message: object, form: str = "events") -> Any:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return json.loads(blanked(raw, form, ZONE, HASHED))  # type: ignore[arg-type]


def test_what_is_valid_stays_as_it_is() -> None:
    assert kept(BEGUN) == BEGUN
    assert kept(RECORD, "national") == RECORD


def test_a_blanked_value_tells_its_type_its_length_and_a_keyed_hash() -> None:
    left = kept(BEGUN | {"citizen": NAME, "phone": 912345678, "is_ill": True, "nothing": None})
    assert left["citizen"] == f"<blanked text, 13 characters, #{HASHED(NAME)}>"
    assert left["phone"] == f"<blanked number, 9 characters, #{HASHED('912345678')}>"
    assert (left["is_ill"], left["nothing"]) == ("<blanked boolean>", None)
    assert keyed_hash(b"other")(NAME) != HASHED(NAME)


def places(message: Any) -> list[Any]:
    """A message, with the name in each of its places in turn."""
    if isinstance(message, dict):
        return [
            *({**message, key: put} for key, value in message.items() for put in places(value)),
            {**message, "more": NAME},
            {**message, NAME: "x"},
            {"name": NAME},
        ]
    if isinstance(message, list):
        return [*([put] for value in message for put in places(value)), [NAME], NAME]
    return [NAME, [NAME], {"name": [{"x": NAME}]}]


TEXTS = ("id", "subject", "agency", "field", "procedure", "received_at", "partitionkey", "sequence")
VALID_ANYWHERE = {"MaHoSo", "DonViXuLy", "MaLinhVuc", "MaTTHC", *TEXTS}


@pytest.mark.parametrize(
    "message",
    [
        message
        for begun in (BEGUN | {"type": "dossier.other.v1"}, BEGUN, BEGUN | {"data": [1]})
        for message in places(begun)
    ],
)
def test_a_name_stays_nowhere_but_where_a_text_is_listed(message: Any) -> None:
    found = json.dumps(kept(message), ensure_ascii=False)
    assert NAME not in found or _listed_text(message)


@pytest.mark.parametrize("message", places(RECORD))
def test_nor_in_a_record_of_the_national_portal(message: Any) -> None:
    found = json.dumps(kept(message, "national"), ensure_ascii=False)
    assert NAME not in found or _listed_text(message)


def _listed_text(message: Any) -> bool:
    """Whether the name is a text of an attribute that takes any text: it would be recorded, too."""
    if not isinstance(message, dict):
        return False
    data = message.get("data")
    inside: Json = data if isinstance(data, dict) else {}
    return any({**message, **inside}.get(name) == NAME for name in VALID_ANYWHERE)


@pytest.mark.parametrize("raw", [NAME.encode(), b'{"a":"%s"' % NAME.encode(), b"\xff\0", b"NaN"])
def test_of_what_is_no_json_only_its_length_and_its_hash_stay(raw: bytes) -> None:
    left = blanked(raw, "events", ZONE, HASHED)
    assert left.startswith(b"\0a message of %d bytes that is no JSON, #" % len(raw))
    assert blanked(left, "events", ZONE, HASHED) == left


@given(
    raw=st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_anything_can_be_blanked_and_blanked_again(raw: bytes) -> None:
    for form in ("events", "national"):
        left = blanked(raw, form, ZONE, HASHED)
        assert b"\n" not in left
        assert left == b"" or left[:1] == b"\0" or json.loads(left) is not NotImplemented


def test_a_value_that_is_blanked_is_never_recorded() -> None:
    """What is too long, blanked, would be short enough: as the name of an agency."""
    broken = BEGUN | {"data": BEGUN["data"] | {"agency": "x" * 300}}
    left = blanked(json.dumps(broken).encode(), "events", ZONE, HASHED)
    with pytest.raises(Rejected, match="a value is blanked: mend"):
        parse_event(left, environment.now())
    context = IntakeContext("national", ZONE, environment.now(), None)
    record = blanked(
        json.dumps(RECORD | {"DonViXuLy": "x" * 300}).encode(), "national", ZONE, HASHED
    )
    [reject] = validate_messages([record], str, context).rejects
    assert reject.reason.startswith("a value is blanked: mend")


def test_what_is_beside_the_event_does_not_keep_it_from_being_retried() -> None:
    left = blanked(json.dumps(BEGUN | {"citizen": NAME}).encode(), "events", ZONE, HASHED)
    assert parse_event(left, environment.now()).subject == BEGUN["subject"]
    assert is_blanked(Reject(environment.now(), "-:1", "why", left, "events", BLANKED))


@pytest.mark.parametrize("name", [f"{NAME}.jsonl", f"/home/{NAME}/e.jsonl", "Tran Thi B.jsonl"])
def test_the_name_of_a_file_stays_if_it_is_plain(name: str) -> None:
    assert Path(name).name not in blanked_origin(f"{name}:17", HASHED)
    assert blanked_origin(f"{name}:17", HASHED).endswith(">:17")
    assert blanked_origin("/data/e-1_x.jsonl:17", HASHED) == "/data/e-1_x.jsonl:17"
    assert blanked_origin("kafka:t/0@17", HASHED) == "kafka:t/0@17"
