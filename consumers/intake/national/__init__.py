"""Reads the records that one-stop systems send to the national public-service portal (Cổng Dịch vụ
công quốc gia), and derives events from them. docs/NATIONAL.md describes the mapping."""

from hoso.consumers.intake.national.life import SOURCE, additions
from hoso.consumers.intake.national.records import (
    CHANNELS,
    NO_DEFAULTS,
    Defaults,
    Record,
    Status,
    any_time,
    model_of,
    read_record,
    split_message,
    stored_record,
)

__all__ = [
    "CHANNELS",
    "NO_DEFAULTS",
    "SOURCE",
    "Defaults",
    "Record",
    "Status",
    "additions",
    "any_time",
    "model_of",
    "read_record",
    "split_message",
    "stored_record",
]
