"""What can happen to a dossier? The kinds of events, and the number the rules know each by.

``KIND_OF`` has it by its published type (``domain.events``).
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
    # Quality facts (thông tin chất lượng): they say something about a dossier, and move nothing.
    "digitised",  # số hóa thành phần hồ sơ, kết quả
    "paid",  # thanh toán phí, lệ phí
    "rated",  # đánh giá của người nộp
    "synced",  # đồng bộ lên Cổng Dịch vụ công quốc gia
    "reused",  # tái sử dụng dữ liệu đã số hóa
    "contacted",  # người nộp phải liên hệ thêm
    "complained",  # phản ánh, kiến nghị
    "transferred",  # chuyển cơ quan khác (liên thông)
    "step_done",  # cơ quan ấy xong bước của mình
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
    DIGITISED,
    PAID,
    RATED,
    SYNCED,
    REUSED,
    CONTACTED,
    COMPLAINED,
    TRANSFERRED,
    STEP_DONE,
) = range(len(KINDS))
FIRST_FACT: Final = DIGITISED  # from here on all are quality facts
KIND_OF: Final = {f"dossier.{kind}.v1": number for number, kind in enumerate(KINDS)}
