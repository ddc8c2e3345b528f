"""Are verdicts, and what is in the log, those of the contract, whatever is sent in which order?

The model is written from section 2 of the contract: of the events with one ``(source, id)`` the
first recorded counts. An event that is sent again adds nothing.
"""

import json
import tempfile
from functools import partial
from typing import Final, Literal, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from hoso.consumers.http.receiver import Call, Receiver
from hoso.consumers.intake.ingest import ingest
from hoso.consumers.intake.record import validate_messages
from hoso.consumers.store.log import Store, open_store
from hoso.tools.runtime import environment
from tests.told import Json, said

DAYS: Final = ("2023-03-01", "2023-03-02")


class Sent(NamedTuple):
    """An event by what it may share with others: its identity, and its content."""

    source: str
    id: str
    subject: str
    day: str

    def event(self) -> Json:
        """The event."""
        named = {"source": self.source, "id": self.id}
        return said("synced", self.day, code=self.subject) | named


SENT = st.builds(
    Sent,
    st.sampled_from(["/a", "/b"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["D1", "D2", "D3"]),
    st.sampled_from(DAYS),
)
WAYS = st.sampled_from(["sent", "ingested", "sent after a restart"])
Way = Literal["sent", "ingested", "sent after a restart"]


class Model:
    """The log as the contract has it, and the verdict on each event."""

    def __init__(self) -> None:
        self.log: list[Sent] = []

    def send(self, sent: Sent) -> str:
        """The verdict on an event."""
        alike = [each for each in self.log if each[:2] == sent[:2]]
        if sent not in alike:
            self.log.append(sent)
        if not alike:
            return "recorded"
        return "repeat" if alike[0] == sent else "conflict"


def raw(some: list[Sent]) -> list[bytes]:
    return [json.dumps(each.event()).encode() for each in some]


def read(store: Store) -> list[Sent]:
    events = [json.loads(stored.state) for stored in store.read()]
    days = {each.event()["time"]: each.day for each in map(Sent, "//", "12", "DD", DAYS)}
    return [Sent(e["source"], e["id"], e["subject"], days[e["time"]]) for e in events]


@settings(max_examples=40)
@given(st.lists(st.tuples(WAYS, st.lists(SENT, min_size=1, max_size=6)), max_size=6))
def test_verdicts_and_the_log_are_those_of_the_model(steps: list[tuple[Way, list[Sent]]]) -> None:
    model, context = Model(), environment.intake_context("events")
    with tempfile.TemporaryDirectory() as folder:
        opening = partial(open_store, f"sqlite:///{folder}/hoso.db", create=True)
        receiver = Receiver(opening, environment.intake_context)
        for way, some in steps:
            if way == "ingested":
                with opening() as store:
                    ingest(store, [validate_messages(raw(some), str, context)], context)
                model.log += some
                continue
            if way == "sent after a restart":
                receiver.close()
                receiver = Receiver(opening, environment.intake_context)
            verdicts = receiver.take(Call("call", "events", raw(some))).result(30)
            assert [each.verdict for each in verdicts] == [model.send(each) for each in some]
        receiver.close()
        if steps:
            with opening() as store:
                assert read(store) == model.log
