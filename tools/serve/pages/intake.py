"""The pages of intake: the condition of the store, conflicts and suspense, and the rejects.

Rejects and conflicts belong to no body. So only who sees all bodies sees them.
"""

import shlex
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from hoso.domain.calendar import date_of
from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.projections.documents.model import Bilingual
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role, Visitor
from hoso.tools.serve.page import (
    Answer,
    Asking,
    Page,
    Refused,
    Route,
    Serving,
)
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

if TYPE_CHECKING:
    from hoso.consumers.store.log import NumberedReject, Reject, Store

Json = dict[str, Any]

WATCHED_S: Final = 0.3  # how long a page watches the log grow
ON_A_PAGE: Final = 100  # rejects
LARGEST: Final = 2**63 - 1  # the number of a reject
MOST_SHOWN: Final = 100_000  # bytes of a reject in a form
NO_STORE: Final = Bilingual(
    "Máy chủ này không phục vụ một kho dữ liệu, nên không có tiếp nhận",
    "This server serves no store, so it takes nothing in",
)
NOT_ALL: Final = Bilingual(
    "Trang này chỉ dành cho người xem được mọi cơ quan", "This page is for who sees all bodies"
)
GONE: Final = Bilingual("Không có thông điệp bị loại này", "There is no such reject")
KEPT: Final = {
    "raw": Bilingual("giữ nguyên như đã đến", "as it came"),
    "blanked": Bilingual("giá trị đã xóa trắng", "with blanked values"),
    "before": Bilingual("giữ nguyên, từ phiên bản cũ", "as it came, by an older version"),
}
WORDS: Final = {
    "rejects": Bilingual("Thông điệp bị loại", "Rejects"),
    "suspense": Bilingual("Sự kiện treo", "Events in suspense"),
    "conflicts": Bilingual("Trùng mã, khác nội dung", "In conflict"),
    "none": Bilingual("Không có thông điệp nào bị loại.", "There are no rejects."),
    "retry": Bilingual("Thử lại", "Retry"),
    "drop": Bilingual("Bỏ hẳn", "Drop for good"),
    "mend": Bilingual("Ghi nhận bản đã sửa", "Record as mended"),
    "content": Bilingual("Nội dung", "Content"),
    "choose": Bilingual("Chọn", "Choose"),
    "earlier": Bilingual("Trang trước", "Previous page"),
    "later": Bilingual("Trang sau", "Next page"),
    "back": Bilingual("Về danh sách", "Back to the list"),
    "number": Bilingual("Số", "Number"),
    "when": Bilingual("Thời điểm", "When"),
    "origin": Bilingual("Nguồn", "Origin"),
    "format": Bilingual("Định dạng", "Format"),
    "reason": Bilingual("Lý do", "Reason"),
    "kept": Bilingual("Cách giữ", "How it is kept"),
    "blanked": Bilingual(
        "Giá trị đã xóa trắng hiện là #…: điền lại giá trị thật, hoặc sửa ở nơi gửi rồi gửi lại.",
        "Blanked values show as #…: write the true values, or mend them at the source and send "
        "them again.",
    ),
}


def intake(asking: Asking) -> Answer:
    """The condition of the store, with its conflicts; suspense and rejects are links."""
    from hoso.consumers.intake.conflicts import conflicts_since
    from hoso.consumers.kafka import lag
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import status

    url, may_operate = store_of(asking.serving, asking.visitor), asking.visitor.may(Role.OPERATOR)
    ledger = asking.history.ledger(environment.office(Policy()), None)
    condition = status.condition_of(
        url,
        ledger,
        WATCHED_S,
        lambda store: asking.history.answer(("conflicts",), lambda: conflicts_since(store)),
    )
    with open_store(url) as store:
        found = lag.partition_lags(store, None, None)
    condition["partitions"] = [one._asdict() for one in found]
    made = status.document(condition)
    shown = parts(made, Links(asking.question), asking.language)
    day = date_of(asking.today).isoformat()
    suspense = asking.question.elsewhere("/dossiers", ())
    conflicts = condition["conflicts"]["events"]
    suspended = suspense.changed(account="suspense", from_=day, to=day).address()
    listed = asking.question.elsewhere("/rejects", ()).address()
    extras = {
        "parts": shown,
        "cards": [
            (WORDS["suspense"], condition["suspense"]["events"], suspended),
            (WORDS["conflicts"], conflicts, "#conflicts" if conflicts else ""),
            (WORDS["rejects"], condition["rejects"], listed if may_operate else ""),
        ],
    }
    return Page(made, "intake.html.jinja", made.title, extras, command=_call(asking, "status"))


def _call(asking: Asking, *words: str) -> str:
    """A command about the store that is served."""
    store = asking.serving.basis[1]  # as shown: without a secret
    return shlex.join(("hoso", *words, "--store", store))


class _Rejects(Collection[Json]):
    """The facts of the rejects of a store, which is opened each time that they are read."""

    def __init__(self, url: str) -> None:
        self._url = url

    def _read(self, read: Callable[["Store"], Any]) -> Any:
        from hoso.consumers.store.log import open_store

        with open_store(self._url) as store:
            return read(store)

    def __iter__(self) -> Iterator[Json]:
        """All of them."""
        return iter(self.some(0, None))

    def some(self, first: int, end: int | None) -> list[Json]:
        """Those from a place up to another."""
        from hoso.tools.jobs.rejects import StoredRejects

        zone = environment.zone()
        listed: list[Json] = self._read(
            lambda store: list(islice(StoredRejects(store, zone), first, end))
        )
        return listed

    def __len__(self) -> int:
        """How many there are."""
        return int(self._read(lambda store: store.count_rejects()))

    def __contains__(self, fact: object) -> bool:
        """Whether there is such a reject."""
        return fact in self.some(0, None)


def rejects(asking: Asking) -> Answer:
    """The rejects, page by page, to be chosen and retried or dropped."""
    from hoso.tools.jobs import rejects as jobs

    question = asking.question
    stored = _Rejects(store_of(asking.serving, asking.visitor))
    made, place = jobs.document(stored), _page(question.text("page"))
    first = (place - 1) * ON_A_PAGE
    extras = {
        "words": WORDS,
        "reason_in": jobs.in_both_languages,
        "listed": stored.some(first, first + ON_A_PAGE),
        "earlier": question.changed(page=str(place - 1)).address() if place > 1 else "",
        "later": question.changed(page=str(place + 1)).address()
        if first + ON_A_PAGE < len(stored)
        else "",
    }
    call = _call(asking, "rejects", "list")
    return Page(made, "rejects.html.jinja", made.title, extras, command=call)


def _page(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and 0 < int(text) < LARGEST // ON_A_PAGE):
        raise UserError(f"--page: no page {text!r}: write 2")
    return int(text)


def reject(asking: Asking) -> Answer:
    """One reject with its bytes, to be mended."""
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import rejects as jobs

    url = store_of(asking.serving, asking.visitor)
    with open_store(url) as store:
        number, found = found_reject(store, asking.path["number"])
    facts = jobs.facts(number, found, environment.zone())
    made = jobs.document([facts])
    title = Bilingual(f"Thông điệp bị loại số {number}", f"Reject {number}")
    call = _call(asking, "rejects", "show", str(number))
    extras = {**_of_reject(found), "facts": facts, "title_text": title}
    return Page(made, "reject.html.jinja", title, extras, command=call)


def _of_reject(found: "Reject") -> Json:
    """What the page of a reject shows besides its facts."""
    from hoso.consumers.intake.keeping import is_blanked
    from hoso.tools.jobs.rejects import in_both_languages
    from hoso.tools.runtime.printable import content, is_text

    return {
        "words": WORDS,
        "reason": in_both_languages(found.reason),
        "kept": KEPT[found.kept],
        "content": content(found.raw[:MOST_SHOWN]),
        "is_blanked": is_blanked(found),
        "may_be_mended": is_text(found.raw) and len(found.raw) <= MOST_SHOWN,
    }


def found_reject(store: "Store", text: str) -> "NumberedReject":
    """A reject by its number. Raises ``Refused`` where there is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if (found := store.find_reject(number)) is None:
        raise Refused(404, GONE)
    return number, found


def store_of(serving: Serving, visitor: Visitor) -> str:
    """The address of the store. Raises ``Refused`` where there is none, and for a visitor who does
    not see all bodies."""
    if not visitor.sees_all():
        raise Refused(403, NOT_ALL)
    if serving.store is None:
        raise Refused(404, NO_STORE)
    return serving.store


ROUTES: Final = (
    Route("/intake", intake, Role.READER, ("status",)),
    Route("/rejects", rejects, Role.OPERATOR, ("rejects", "list"), ("page",)),
    Route("/rejects/{number}", reject, Role.OPERATOR, ("rejects", "show", "{number}"), (), {}),
)
