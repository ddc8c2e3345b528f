"""What operators do with rejects, by the forms of their pages: mend, retry and drop them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.language import language_of
from hoso.tools.serve.page import Plain, Refused, allow, serving_of, visitor_of
from hoso.tools.serve.pages.intake import MOST_SHOWN, WORDS, found_reject, store_of
from hoso.tools.serve.refusal import frame_of
from hoso.tools.serve.templates import environment as templates

if TYPE_CHECKING:
    from hoso.consumers.store.log import NumberedReject, Store

MOST_CHOSEN: Final = 1_000  # rejects that one form names
CHOOSE: Final = Bilingual(
    "Chưa chọn thông điệp nào: đánh dấu ít nhất một", "No reject is chosen: tick at least one"
)

Operation = Callable[["Store", FormData], Bilingual]


def _retried(store: "Store", form: FormData) -> Bilingual:
    from hoso.consumers.intake.retry import retry

    chosen = _chosen(store, form)
    result = retry(store, chosen, environment.intake_context)
    return Bilingual(
        f"{result.recorded} thông điệp đã được ghi nhận, {result.remain} vẫn bị loại.",
        f"{result.recorded} recorded, {result.remain} still rejected.",
    )


def _dropped(store: "Store", form: FormData) -> Bilingual:
    from hoso.consumers.intake.keeping import drop

    number = drop(store, [number for number, _ in _chosen(store, form)])
    return Bilingual(f"Đã bỏ {number} thông điệp.", f"{number} rejects dropped.")


def _mended(store: "Store", form: FormData) -> Bilingual:
    """Record the mended message in place of its reject; the reject stays where it is no event."""
    from hoso.consumers.intake.retry import mend

    [(number, found)] = _chosen(store, form)
    content = str(form.get("content", "")).strip().encode()
    if not content or len(content) > MOST_SHOWN:
        raise UserError("the mended message is empty or too long: write one event")
    fault = mend(store, number, found, content, environment.intake_context)
    if fault is None:
        return Bilingual(f"Đã ghi nhận thông điệp số {number}.", f"Reject {number} is recorded.")
    from hoso.tools.jobs.rejects import in_both_languages

    why = in_both_languages(fault)
    return Bilingual(f"Vẫn chưa hợp lệ: {why.vi}", f"Still no valid event: {why.en}")


def _chosen(store: "Store", form: FormData) -> list["NumberedReject"]:
    """The rejects whose numbers a form has. Raises ``UserError`` where it has none."""
    numbers = [str(each) for each in form.getlist("number")][:MOST_CHOSEN]
    if not numbers:
        raise Refused(400, CHOOSE)
    return [found_reject(store, text) for text in dict.fromkeys(numbers)]


async def _operated(request: Request, operate: Operation) -> Response:
    """Do something with rejects, and say what was done."""
    allow(request, Role.OPERATOR)
    serving = serving_of(request)
    url, form = store_of(serving, visitor_of(request)), await request.form()
    told = await run_in_threadpool(_on_store, url, form, operate)
    serving.history.look_again()
    text, back = told.to(language_of(request)), WORDS["back"].to(language_of(request))
    frame = frame_of(request, text)
    html = templates.get_template("told.html.jinja").render(told=text, back=back, **frame)
    return Response(html, media_type="text/html")


def _on_store(url: str, form: FormData, operate: Operation) -> Bilingual:
    from hoso.consumers.store.log import open_store

    with open_store(url) as store:
        return operate(store, form)


def _plain(path: str, operate: Operation) -> Plain:
    return Plain(path, partial(_operated, operate=operate), Role.OPERATOR, ("POST",))


ROUTES: Final = (
    _plain("/rejects/retry", _retried),
    _plain("/rejects/drop", _dropped),
    _plain("/rejects/mend", _mended),
)
