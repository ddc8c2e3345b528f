"""A message, however it was changed, is an event or a reject with one line; an event goes on."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hoso.consumers.intake.validate import Rejected, parse_event, stored_json
from hoso.domain.events import EVENT, Event
from hoso.domain.kinds import KINDS
from hoso.projections.log.from_json import log_table
from hoso.tools.runtime.environment import zone
from tests.attack.changes import bytes_like, tree_like
from tests.attack.fuzzing import attacks, tried
from tests.unit.test_events import MINIMAL, OPTIONAL

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(kind: str) -> dict[str, Any]:
    """A whole event of a kind."""
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/mot-cua/son-la",
        "type": f"dossier.{kind}.v1",
        "subject": "000.00.00.H52-230301-0001",
        "time": "2023-03-01T08:00:00+07:00",
        "recordedtime": "2023-03-01T08:00:01Z",
        "data": MINIMAL[kind] | OPTIONAL.get(kind, {}),
    }


GOOD = [message(kind) for kind in KINDS]
CHANGED = st.sampled_from(GOOD).flatmap(tree_like).map(lambda tree: json.dumps(tree).encode())
BROKEN = st.sampled_from(GOOD).flatmap(
    lambda tree: bytes_like(json.dumps(tree, ensure_ascii=False).encode())
)


def judged(raw: bytes) -> Event | str:
    """The event that a message is, or why it is none."""
    try:
        return parse_event(raw, NOW)
    except Rejected as rejected:
        return str(rejected)


@attacks(1_500)
@given(CHANGED | BROKEN)
def test_fuzz_a_message_is_an_event_or_is_refused_in_one_line(raw: bytes) -> None:
    tried("messages")
    event = judged(raw)
    if isinstance(event, str):
        assert event.isprintable(), event
        assert len(event) < 1_000
        return
    tried("messages, accepted")
    state = stored_json(event, NOW.isoformat())
    assert EVENT.validate_json(state).time == event.time
    table = log_table([(1, state)], zone())
    assert table["dossier"].to_pylist() == [event.subject]
    for text, longest in ((event.subject, 200), (event.id, 200), (event.source, 400)):
        assert text.isprintable()
        assert 0 < len(text) <= longest
