"""Events as a one-stop system tells them, for tests to write lives with.

March 2023 begins on a Wednesday. Tet 2023 is off from Friday 20 to Thursday 26 January; Saturday
4 May 2024 is worked for Monday 29 April, Saturday 10 January 2026 for Friday 2 January.
"""

from typing import Any

Json = dict[str, Any]

SOURCE = "/mot-cua/son-la"
FACTS: Json = {"agency": "so_tnmt", "field": "dat_dai", "procedure": "1.004227"}


def said(kind: str, when: str, *, code: str = "D1", **data: Any) -> Json:
    """An event; a plain date stands for eight in the morning."""
    moment = f"{when}T08:00:00+07:00" if len(when) == len("2023-03-01") else when
    return {
        "specversion": "1.0",
        "id": f"{kind} {code} {when}",
        "source": SOURCE,
        "type": f"dossier.{kind}.v1",
        "subject": code,
        "time": moment,
        **({"data": data} if data else {}),
    }


def received(when: str, days: int | None = None, *, code: str = "D1", **data: Any) -> Json:
    """A reception with an allowance of working days, or whatever terms are given."""
    terms = {} if days is None else {"allowance": working_days(days)}
    return said("received", when, code=code, **{**FACTS, "channel": "online", **terms, **data})


def working_days(number: int) -> Json:
    """An allowance in working days."""
    return {"value": number, "unit": "working_days"}


def calendar_days(number: int) -> Json:
    """An allowance in calendar days."""
    return {"value": number, "unit": "calendar_days"}


def asked(when: str, **data: Any) -> Json:
    """A supplement is asked for."""
    return said("supplement_requested", when, **data)


def brought(when: str, **data: Any) -> Json:
    """The supplement comes in."""
    return said("supplemented", when, **data)


def paused(when: str, **data: Any) -> Json:
    """The clock stops to wait for an authority."""
    return said("paused", when, reason="awaiting_authority", **data)


def resumed(when: str, **data: Any) -> Json:
    """The clock runs again."""
    return said("resumed", when, **data)


def rescheduled(when: str, due: str) -> Json:
    """An apology and a new appointment."""
    return said("rescheduled", when, due=due)


def resolved(when: str, *, code: str = "D1") -> Json:
    """The result is there."""
    return said("resolved", when, code=code, outcome="granted")


def returned(when: str) -> Json:
    """Handed back to the applicant."""
    return said("returned", when, reason="not_eligible")


def cancelled(when: str, reason: str = "withdrawn") -> Json:
    """Withdrawn, or voided."""
    return said("cancelled", when, reason=reason)


def annulled(target: Json, when: str, **changes: Any) -> Json:
    """An event taken back."""
    event = said("annulled", when, event_id=target["id"], reason="mistake")
    return event | {"subject": target["subject"], "source": target["source"]} | changes


def recorded(event: Json, when: str) -> Json:
    """The event, recorded at eight on a day."""
    return event | {"recordedtime": f"{when}T08:00:00+07:00"}


def lives(begun: Json) -> dict[str, list[Json]]:
    """A life in each phase, after the reception that began it on 1 March 2023."""
    return {
        "none": [],
        "in progress": [begun],
        "awaiting": [begun, asked("2023-03-02")],
        "paused": [begun, paused("2023-03-02")],
        "resolved": [begun, resolved("2023-03-02")],
        "returned": [begun, returned("2023-03-02")],
        "cancelled": [begun, cancelled("2023-03-02")],
    }


def arrived(when: str, **data: Any) -> Json:
    """The competent body has received what another office took in."""
    return said("arrived", when, **data)


def reassigned(when: str, agency: str, **data: Any) -> Json:
    """Another agency is competent."""
    return said("reassigned", when, agency=agency, **data)
