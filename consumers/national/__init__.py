"""What one-stop systems already send to the national portal (Cổng Dịch vụ công quốc gia)."""

from consumers.national.news import tell
from consumers.national.records import Record, Status, read

__all__ = ["Record", "Status", "read", "tell"]
