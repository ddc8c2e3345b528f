"""What one-stop systems already send to the national portal (Cổng Dịch vụ công quốc gia)."""

from hoso.consumers.intake.national.changes import tell
from hoso.consumers.intake.national.records import Record, Status, read

__all__ = ["Record", "Status", "read", "tell"]
