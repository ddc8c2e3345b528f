"""Two served histories that one body cannot tell apart, and visitors of every role and body.

``whole`` has the dossiers of all bodies; ``part`` only those that body ``OWN`` has or had. Whatever
a visitor of ``OWN`` is answered by the one must be what the other answers.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from hoso.tools.serve.access import users
from hoso.tools.serve.access.grants import Grant
from hoso.tools.serve.access.visitor import Role
from tests.command import hoso
from tests.serving import Server, started

OWN, OTHER = "H52.12", "H52.05"  # Sở Xây dựng, Sở Y tế
OWN_BEFORE = {"H52.04", "H52.07"}  # which Sở Xây dựng took over
BODIES: Mapping[str, tuple[str, ...] | None] = {"own": (OWN,), "other": (OTHER,), "all": None}
SIMULATED = ("--dossiers", "300", "--seed", "7", "--facts", "--to", "2026-09-30")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN_CODE = "000.00.00.H52-999999-9999"


class World(NamedTuple):
    """The two servers; the bearer tokens by role and body (``reader of own``); and the codes of
    dossiers of ``OWN`` and of all others."""

    whole: Server
    part: Server
    tokens: Mapping[str, str]
    own_codes: list[str]
    other_codes: list[str]


@contextmanager
def worlds(folder: Path) -> Iterator[World]:
    """Both servers, in two folders below one."""
    whole, part = folder / "whole", folder / "part"
    for each in (whole, part):
        each.mkdir()
    hoso(whole, "simulate", *SIMULATED, "--out", "events.jsonl", "--registry", "agencies.csv")
    (part / "agencies.csv").write_bytes((whole / "agencies.csv").read_bytes())
    text = (whole / "events.jsonl").read_text(encoding="utf-8")
    own_codes, other_codes = _codes([json.loads(line) for line in text.splitlines()])
    lines = [line for line in text.splitlines() if json.loads(line)["subject"] in own_codes]
    (part / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    tokens = _users(whole / "users.yaml")
    (part / "users.yaml").write_bytes((whole / "users.yaml").read_bytes())
    (part / "users.yaml").chmod(0o600)
    for each in (whole, part):
        hoso(each, "ingest", "--recorded", "time", "events.jsonl")
    options = ("--users", "users.yaml", "--registry", "agencies.csv")
    with started(whole, *options) as one, started(part, *options) as other:
        yield World(one, other, tokens, sorted(own_codes), sorted(other_codes))


def _codes(events: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    """The codes of dossiers that name ``OWN`` or what it took over, and those of all others."""
    codes = {event["subject"] for event in events}
    own = {
        event["subject"]
        for event in events
        if not {OWN, *OWN_BEFORE}.isdisjoint(map(str, event["data"].values()))
    }
    assert own
    assert codes - own
    return own, codes - own


def _users(file: Path) -> dict[str, str]:
    """A file with a user for each role and body; returns their tokens."""
    tokens = {}
    with users.changing(str(file), new=True) as by_name:
        for role in Role:
            for whose, bodies in BODIES.items():
                name = f"{role} of {whose}"
                secret, token = users.new_token("test")
                tokens[name] = secret
                limits = (bodies, ("/nowhere",)) if role is Role.PUBLISHER else (bodies, None)
                grant = Grant(frozenset({role}), *limits)
                by_name[name] = users.User(name, grant, LONG_AGO, None, (token,))
    return tokens
