"""Reads the records that one-stop systems send to the national public-service portal (Cổng Dịch vụ
công quốc gia), and derives events from them. docs/NATIONAL.md describes the mapping."""

from hoso.consumers.intake.national.changes import new_events
from hoso.consumers.intake.national.records import Record, Status, any_time, model_of, parse_record

__all__ = ["Record", "Status", "any_time", "model_of", "new_events", "parse_record"]
