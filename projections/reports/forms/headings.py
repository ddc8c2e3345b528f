"""The headings that forms II.06a and 07a, 07b, 07c share, word for word as in their circulars.

They are no terms of the vocabulary (``documents.vocabulary``): a folding says what a column counts,
and the form says it under its table.

Sources: TT 01/2020/TT-VPCP, form II.06a; TT 09/2026/TT-BTP, annex.
"""

from typing import Final

from hoso.projections.documents.model import Bilingual

RECEIVED: Final = Bilingual("Số lượng hồ sơ tiếp nhận", "Dossiers received")
IN_PERIOD: Final = Bilingual("Trong kỳ", "In the period")
SETTLED: Final = Bilingual("Số lượng hồ sơ đã giải quyết", "Dossiers resolved")
OPEN: Final = Bilingual("Số lượng hồ sơ đang giải quyết", "Dossiers in process")
TOTAL: Final = Bilingual("Tổng số", "Total")
EARLY: Final = Bilingual("Trước hạn", "Early")
ON_TIME: Final = Bilingual("Đúng hạn", "On time")
IN_TIME: Final = Bilingual("Trong hạn", "In time")
OVERDUE: Final = Bilingual("Quá hạn", "Overdue")
