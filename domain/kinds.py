"""What can happen to a dossier? The kinds of events, and the number the rules know each by.

The published type of a kind is ``dossier.<kind>.v1`` (``domain.events``).
"""

from typing import Final

KINDS: Final = (
    "received",  # tiếp nhận
    "supplement_requested",  # yêu cầu bổ sung
    "supplemented",  # đã bổ sung
    "paused",  # tạm dừng
    "resumed",  # tiếp tục xử lý
    "rescheduled",  # xin lỗi và hẹn lại ngày trả
    "returned",  # trả lại hồ sơ không đủ điều kiện
    "cancelled",  # hủy hoặc rút hồ sơ
    "resolved",  # đã có kết quả
    "annulled",  # thu hồi một sự kiện đã gửi
)
(
    RECEIVED,
    SUPPLEMENT_REQUESTED,
    SUPPLEMENTED,
    PAUSED,
    RESUMED,
    RESCHEDULED,
    RETURNED,
    CANCELLED,
    RESOLVED,
    ANNULLED,
) = range(len(KINDS))
