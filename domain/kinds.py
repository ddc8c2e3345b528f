"""The kinds of events, and the number by which the rules know each kind.

``KIND_OF`` gives the number by the published type of an event (``domain.events``).
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
    "arrived",  # cơ quan có thẩm quyền nhận được hồ sơ do nơi khác tiếp nhận
    "reassigned",  # chuyển thẩm quyền giải quyết sang cơ quan khác
    # Quality facts (thông tin chất lượng): they describe a dossier and change no account or clock.
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
    ARRIVED,
    REASSIGNED,
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
FIRST_FACT: Final = DIGITISED  # this kind and all after it are quality facts
KIND_OF: Final = {f"dossier.{kind}.v1": number for number, kind in enumerate(KINDS)}


def kind_name(event_type: str) -> str:
    """The kind of an event of a published type: ``received`` of ``dossier.received.v1``.

    Raises ``KeyError`` for a type that is unknown.
    """
    return KINDS[KIND_OF[event_type]]
