"""The chart of accounts: every account in which a dossier can stand.

A dossier stands in exactly one account on every day from its reception on. Before that it stands
in the outside, which counts as an account too. So each move takes a dossier out of one account
and puts it into another, and all balances together are zero.

Sources: NĐ 118/2025/NĐ-CP arts 17-19, before it NĐ 61/2018/NĐ-CP arts 17-19 (what may happen to a
dossier); TT 09/2026/TT-BTP, forms 07a-c, before it TT 01/2020/TT-VPCP, form II.06a (timeliness).
"""

from typing import Final

ACCOUNTS: Final = (
    "in_progress.in_time",  # đang giải quyết, trong hạn
    "in_progress.overdue",  # đang giải quyết, quá hạn
    "awaiting_supplement.in_time",  # chờ bổ sung
    "awaiting_supplement.overdue",
    "paused.in_time",  # tạm dừng
    "paused.overdue",
    "resolved.early",  # giải quyết trước hạn
    "resolved.on_time",  # đúng hạn
    "resolved.overdue",  # quá hạn
    "returned.early",  # trả lại: không đủ điều kiện
    "returned.on_time",
    "returned.overdue",
    "cancelled.withdrawn",  # người nộp xin rút
    "cancelled.voided",  # hủy vì lý do khác
)
OUTSIDE: Final = len(ACCOUNTS)
# When another agency becomes competent, a dossier leaves one slice and enters another: in the one,
# out of its account into TRANSFERRED_OUT; in the other, out of TRANSFERRED_IN into that account.
TRANSFERRED_IN: Final = OUTSIDE + 1
TRANSFERRED_OUT: Final = OUTSIDE + 2
ACCOUNT_COUNT: Final = OUTSIDE + 3  # all of these

IN_PROGRESS: Final = 0
AWAITING_SUPPLEMENT: Final = 2
PAUSED: Final = 4
RESOLVED: Final = 6
RETURNED: Final = 9
CANCELLED: Final = 12

# Within an open group:
IN_TIME: Final = 0
OVERDUE: Final = 1
# Within a closed one:
EARLY: Final = 0
ON_TIME: Final = 1
LATE: Final = 2
WITHDRAWN: Final = 0
VOIDED: Final = 1

OPEN: Final = range(IN_PROGRESS, RESOLVED)
CLOSED: Final = range(RESOLVED, OUTSIDE)

OPEN_GROUPS: Final = ("in_progress", "awaiting_supplement", "paused")
CLOSED_GROUPS: Final = ("resolved", "returned", "cancelled")


def members(group: str) -> range:
    """The numbers of the accounts of one group, in the order of ACCOUNTS.

    ``members("resolved")`` is the three numbers of early, on time and overdue.
    """
    numbers = [i for i, name in enumerate(ACCOUNTS) if name.partition(".")[0] == group]
    return range(numbers[0], numbers[-1] + 1)
