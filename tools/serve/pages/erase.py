"""Erases the code of a dossier, by the form of its page, as ``hoso erase`` does.

The code is in the form and not in the address, so that no access log has it.
"""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hoso.domain.errors import UserError
from hoso.domain.events import one_spelling
from hoso.projections.documents.model import Bilingual
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.answering import asked, shown
from hoso.tools.serve.language import in_language
from hoso.tools.serve.page import Plain, Refused, Route, allow, serving_of, visitor_of
from hoso.tools.serve.pages.dossier import Erased, dossier
from hoso.tools.serve.pages.intake import store_of

NO_STORE: Final = Bilingual(
    "Máy chủ này không phục vụ một kho dữ liệu, nên không xóa được mã ở đây",
    "This server serves no store, so no code can be erased here",
)
OTHER_CODE: Final = Bilingual(
    "Mã gõ lại không phải là mã của hồ sơ: chưa xóa gì, hãy gõ lại",
    "The code typed again is not that of the dossier: nothing was erased, type it again",
)
# The page of a pseudonym that answers the form: not live, because its address takes no questions.
ANSWER: Final = Route("/dossier/{code:path}", dossier, Role.OPERATOR, ("explain", "{code}"))


async def erase(request: Request) -> Response:
    """Erase a code; the answer is the page of its pseudonym, with what remains to be done."""
    allow(request, Role.OPERATOR)
    if serving_of(request).store is None:
        raise Refused(404, NO_STORE)
    url = store_of(serving_of(request), visitor_of(request))
    code, because = _wanted(await request.form())
    return await run_in_threadpool(_erased, request, url, code, because)


def _wanted(form: FormData) -> tuple[str, str]:
    """The code of a form, and why to erase it. Raises ``UserError`` or ``Refused``."""
    from hoso.tools.jobs.erase import check_reason

    code, again = _code(form, "code"), _code(form, "confirm")
    if not code:
        raise UserError("the code is empty")
    if again != code or not code.isprintable():
        raise Refused(400, OTHER_CODE)
    because = str(form.get("because", ""))
    check_reason(because)
    return code, because


def _code(form: FormData, name: str) -> str:
    """A code of a form as it is stored; empty for blanks only."""
    text = str(form.get(name, "")).strip()
    try:
        return one_spelling(text) if text else ""
    except ValueError:
        return ""


def _erased(request: Request, url: str, code: str, because: str) -> Response:
    """Erase a code from a store, and show what it was replaced by."""
    from hoso.consumers.store.erase import pseudonym_in
    from hoso.consumers.store.log import open_store
    from hoso.tools.jobs import erase as jobs

    with open_store(url) as store:
        if pseudonym_in(store, "dossier", code) is None:
            dossier(asked(request, ANSWER, {"code": code}))  # refuses a code without a page
        erased = jobs.erase_code(store, "dossier", code, because, ())
        serving_of(request).history.look_again()
        lines, fault = [*jobs.outcome(store, erased)], jobs.overwrite(store)
        places = [*jobs.places(store), "the history of this browser"]
    if fault is not None:
        lines.append(f"not overwritten yet: {fault}; then send the same form again")
    name = erased if isinstance(erased, str) else erased.pseudonym
    asking = asked(request, ANSWER, {"code": name})
    told = Erased(
        [in_language(line, asking.language) for line in (*lines, jobs.REMAINS)],
        [in_language(place, asking.language) for place in places],
    )
    return shown(dossier(asking, told), asking, ANSWER)


ROUTES: Final = (Plain("/erase", erase, Role.OPERATOR, ("POST",)),)
