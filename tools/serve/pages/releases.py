"""The pages of releases: which reports were signed, and what holds of one of them.

A visitor who sees some bodies sees the releases of these: one of the whole is of dossiers that are
not theirs. What a page says of the log, its tiles say; ``hoso verify`` computes it from the events.
"""

import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from hoso.projections.documents.model import Bilingual, Document
from hoso.projections.merkle.log_tree import Tree
from hoso.projections.merkle.shelf import ProofShelf
from hoso.projections.releases import details, log_of_releases
from hoso.projections.releases import document as revised
from hoso.projections.releases.folder import sha256_of
from hoso.projections.releases.log_of_releases import ReleaseLog, superseding
from hoso.projections.releases.release import RELEASE_FILE, Release
from hoso.projections.releases.verification import LOG, RELEASES, Finding, broken, holds, note
from hoso.tools.jobs.histories import for_same_history
from hoso.tools.jobs.release import release_log
from hoso.tools.jobs.revisions import revisions as revisions_of
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Answer, Asking, Page, Refused, Route
from hoso.tools.serve.shown import parts
from hoso.tools.serve.tables import Links

NO_RELEASE: Final = Bilingual("Không có bản phát hành này", "There is no such release")
NO_FOLDER: Final = Bilingual(
    "Máy chủ không có thư mục của bản phát hành này (--releases)",
    "The server has no folder of this release (--releases)",
)
OF_ALL_BODIES: Final = Bilingual(
    "Trang này dành cho người xem được mọi đơn vị", "This page is for who sees all bodies"
)


def releases(asking: Asking) -> Answer:
    """The log of releases, as far as the visitor may see it."""
    shelf = _shelf(asking)
    if asking.visitor.sees_all():
        document = log_of_releases.document(release_log(shelf))
    else:
        document = log_of_releases.document(ReleaseLog(shelf.releases(), None), _own(asking))
    shown = partial(_shown, asking, document)
    return Page(document, "releases.html.jinja", document.title, shown)


def release(asking: Asking) -> Answer:
    """One release: what it says, and what holds of it."""
    shelf = _shelf(asking)
    found, every = _asked_for(asking, shelf)
    document = details.document(found, [*_findings(found, every, shelf)])
    shown = partial(_shown, asking, document)
    return Page(document, "releases.html.jinja", document.title, shown, options=None)


def revisions(asking: Asking) -> Answer:
    """What would be different in a release today, and why: for who sees all bodies, because a
    figure of one may have changed by what became of another's dossier."""
    if not asking.visitor.sees_all():
        raise Refused(403, OF_ALL_BODIES)
    found, _ = _asked_for(asking, _shelf(asking))
    folder, history = _folder_of(asking, found), asking.serving.history.now()

    def made() -> Document:
        ask = for_same_history(asking.serving.history.names, None, skip_rejects=False)
        return revised.document(found, revisions_of(folder, found, history), ask)

    document = history.answer(("revisions", found.number, asking.today), made)
    call = shlex.join(["hoso", "revisions", str(folder), *asking.serving.basis])
    shown = partial(_shown, asking, document)
    return Page(document, "releases.html.jinja", document.title, shown, command=call)


def _asked_for(asking: Asking, shelf: ProofShelf) -> tuple[Release, list[Release]]:
    """The release with the number of the address, and all releases. Raises ``Refused`` where there
    is none, or none that the visitor may see."""
    every, number = ReleaseLog(shelf.releases(), None).releases(), asking.path["number"]
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if not 0 < place <= len(every) or not _may_see(asking, every[place - 1]):
        raise Refused(404, NO_RELEASE)
    return every[place - 1], every


def _folder_of(asking: Asking, found: Release) -> Path:
    """The folder of a release. Raises ``Refused`` where the server has none of it."""
    folders = asking.serving.releases
    for file in [] if folders is None else sorted(folders.glob(f"*/{RELEASE_FILE}")):
        if sha256_of(file) == found.digest():
            return file.parent
    raise Refused(404, NO_FOLDER)


def _shelf(asking: Asking) -> ProofShelf:
    """What is kept beside the log. Raises ``UserError`` for a source that is no log."""
    return asking.serving.history.now().proofs()


def _own(asking: Asking) -> "partial[bool]":
    return partial(_may_see, asking)


def _may_see(asking: Asking, found: Release) -> bool:
    """Whether a release is of dossiers that the visitor may see."""
    if asking.visitor.sees_all():
        return True
    return found.under is not None and found.under in {each.code for each in asking.bodies()}


def _findings(found: Release, every: list[Release], shelf: ProofShelf) -> Iterator[Finding]:
    """What holds of a release, as the tiles and the log of releases say."""
    if (fault := release_log(shelf).fault()) is not None:
        yield Finding(RELEASES, "broken", fault)
    else:
        yield holds(
            RELEASES,
            f"có mục số {found.number}, khớp với ghi nhận đã ký gần nhất",
            f"has it as entry {found.number}, and fits its last signed note",
        )
    yield _of_log(found, shelf)
    if (by := superseding(every).get(found.number)) is not None:
        why = every[by - 1].because
        yield note(
            RELEASES, f"đã bị thay bởi số {by}: {why}", f"is superseded by release {by}: {why}"
        )


def _of_log(found: Release, shelf: ProofShelf) -> Finding:
    """Whether the tiles have the root that was signed."""
    size, events = shelf.tree_size(), found.log.events
    if size < events:
        return broken(
            LOG,
            f"cây Merkle chỉ có {size} sự kiện, đã ký {events}",
            f"its tree has {size} events, and {events} were signed",
        )
    try:
        root = Tree(shelf, size).root(events).hex()
    except LookupError:
        root = ""
    if root != found.log.root:
        return broken(
            LOG,
            f"gốc của {events} sự kiện đầu không phải là gốc đã ký",
            f"the root of its first {events} events is not the one that was signed",
        )
    return holds(
        LOG,
        f"gốc của {events} sự kiện đầu như đã ký; hoso verify tính lại từ các sự kiện",
        f"the root of its first {events} events is as signed; hoso verify computes it from the "
        "events",
    )


def _shown(asking: Asking, document: Document) -> dict[str, object]:
    """What the page shows besides the document."""
    question = asking.question
    links = {
        row.key: question.elsewhere(f"/releases/{row.key}", ()).address()
        for table in document.tables()
        if table.key == "releases"
        for row in table.rows
    }
    return {
        "parts": parts(document, Links(question, asking.serving.registry), asking.language),
        "links": links,
        "revisions": _revisions_of(asking),
        "up": question.elsewhere("/releases", ()).address() if "number" in asking.path else "",
    }


def _revisions_of(asking: Asking) -> str:
    """The address of what is different in the release that is shown; empty where no page says."""
    number, has_folder = asking.path.get("number"), asking.serving.releases is not None
    path = f"/releases/{number}/revisions"
    if number is None or not has_folder or asking.question.path == path:
        return ""
    return asking.question.elsewhere(path, ()).address() if asking.visitor.sees_all() else ""


ROUTES: Final = (
    Route("/releases", releases, Role.READER, ("releases",)),
    Route("/releases/{number}", release, Role.READER, ()),
    Route("/releases/{number}/revisions", revisions, Role.READER, ()),
)
