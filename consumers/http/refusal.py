"""The error of a call that is refused as a whole: nothing of it is recorded."""

from hoso.domain.errors import UserError


class CallRefused(UserError):
    """A call is refused. ``status`` is that of HTTP; ``retry_after_s`` is after how many seconds
    the same call may succeed, None if it never does."""

    def __init__(self, status: int, reason: str, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s
