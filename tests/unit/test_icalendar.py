"""Is the calendar of what falls due one that other programs read, and does it stay the same one?"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from hoso.domain.calendar import day_number
from hoso.projections.documents.due_calendar import DayCalendar, Entry, calendar
from hoso.projections.documents.model import Bilingual, same
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.register import Moment
from hoso.tools.output import icalendar
from hoso.tools.runtime.printable import printable_lines

MADE = datetime(2023, 3, 14, 10, tzinfo=UTC)
MOMENT = Moment(MADE, day_number(date(2023, 3, 14)))


def row(group: str, due: date, agency: str = "H52.01", waits_for: str = "result") -> dict[str, Any]:
    return {"group": group, "due": due, "agency": agency, "waits_for": waits_for}


ROWS = [
    row("overdue", date(2023, 3, 1)),
    row("falls_due", date(2023, 3, 14)),
    row("falls_due", date(2023, 3, 15), waits_for="notice"),
    row("falls_due", date(2023, 3, 15), "H52.02", waits_for="notice"),
    row("endless_pause", date(2023, 2, 1)),
]


def printed(shown: DayCalendar, scope: str = "a") -> bytes:
    return b"".join(icalendar.printed(shown, "vi", scope, MADE))


def entries(raw: bytes) -> dict[date, Any]:
    """The entries as another program reads them, by their days."""
    return {entry["DTSTART"].dt: entry for entry in read(raw).walk("VEVENT")}


def read(raw: bytes) -> Any:
    """A calendar as another program reads it."""
    return Calendar.from_ical(raw)


def test_each_day_is_an_entry_with_how_many_dossiers_and_where() -> None:
    found = entries(printed(calendar(ROWS, MOMENT)))
    assert [str(entry["SUMMARY"]) for entry in found.values()] == [
        "1 hồ sơ đến hạn; 1 đã quá hạn; 1 vướng mắc",
        "2 hồ sơ đến hạn",
    ]
    today, tomorrow = found.values()
    assert str(today["DESCRIPTION"]).splitlines() == [
        "Đã quá hạn",
        "• H52.01: 1",
        "Sắp đến hạn",
        "• H52.01: 1",
        "Tạm dừng quá 30 ngày",
        "• H52.01: 1",
        "Nếu không kịp, phải thông báo hẹn lại ngay hôm nay: 2",
    ]
    assert str(tomorrow["DESCRIPTION"]) == "Sắp đến hạn\n• H52.01: 1\n• H52.02: 1"


def test_where_nothing_falls_due_there_is_an_entry_of_today_all_the_same() -> None:
    found = entries(printed(calendar([], MOMENT)))  # a calendar without entries is none
    assert list(found) == [date(2023, 3, 14)]
    assert str(found[date(2023, 3, 14)]["SUMMARY"]).startswith("0 hồ sơ đến hạn")


def test_an_entry_keeps_its_uid_when_the_calendar_is_made_again() -> None:
    monday = entries(printed(calendar(ROWS, MOMENT)))
    later = Moment(MADE, MOMENT.day + 1)
    tuesday = entries(printed(calendar(ROWS[2:], later)))
    day = date(2023, 3, 15)
    assert monday[day]["UID"] == tuesday[day]["UID"]
    assert len({str(entry["UID"]) for entry in monday.values()}) == len(monday)
    of_others = entries(printed(calendar(ROWS, MOMENT), scope="b"))
    assert of_others[day]["UID"] != monday[day]["UID"]


def test_what_a_program_needs_of_a_calendar_is_there() -> None:
    whole = read(printed(calendar(ROWS, MOMENT, DossierFilter(under="Sơn La"))))
    assert (str(whole["VERSION"]), str(whole["METHOD"])) == ("2.0", "PUBLISH")
    assert str(whole["NAME"]) == "Hồ sơ quá hạn và sắp đến hạn: Sơn La"
    [first, _] = whole.walk("VEVENT")
    assert first["DTSTAMP"].dt == MADE
    assert first["DTSTART"].to_ical() == b"20230314"
    assert str(first["TRANSP"]) == "TRANSPARENT"  # a due day keeps nobody from being free
    assert not first.errors


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.dates())
def test_any_text_comes_back_and_no_line_is_longer_than_75_octets(
    texts: list[str], day: date
) -> None:
    entry = Entry(day, same(texts[0]), tuple(map(same, texts)))
    raw = printed(DayCalendar(Bilingual(texts[0], ""), (entry,)))
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # never folded within a character
        assert b"\n" not in line
        assert b"\r" not in line
    [found] = entries(raw).values()
    assert found["DTSTART"].dt == day
    expected = "\n".join(map(printable_lines, texts))
    assert str(found["DESCRIPTION"]).strip() == expected.strip()


@pytest.mark.parametrize("character", ["a", "ế", "🗂"])
def test_a_long_line_is_folded_at_75_octets(character: str) -> None:
    lines = icalendar.folded(character * 200).split(b"\r\n")
    size = len(character.encode())
    assert all(len(line) > 75 - size - 1 for line in lines[:-1])
    assert b"".join([lines[0], *(line[1:] for line in lines[1:])]).decode() == character * 200
