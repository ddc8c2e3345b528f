"""Says what would be different in the reports of a release today: makes each at three moments."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from hoso.domain.agencies import NOW, AgencyRegistry
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents.model import Document, same
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.releases.folder import Cells, released_cells
from hoso.projections.releases.history import OWN_PARTS, Revised
from hoso.projections.releases.release import Release
from hoso.projections.releases.reports import Listed, Made, moved_cells
from hoso.projections.releases.revisions import Change, Nets, Part, with_dossiers
from hoso.projections.reports.basis.scope import Scope, scopes_of_bodies
from hoso.projections.reports.behind import Lists
from hoso.tools.jobs import report
from hoso.tools.jobs.release_papers import ALL_LEVELS, Asked, settings_of
from hoso.tools.jobs.report import ReportHistory, ReportSettings
from hoso.tools.sources.cut import CutSource
from hoso.tools.sources.source import Source

NO_REPORT: Final = Document("", same(""), None, (), ())


class Moment(NamedTuple):
    """What reports read of a history at a moment, and the agencies that each period shows."""

    history: ReportHistory
    registries: Mapping[Window, AgencyRegistry]

    def within(self, scope: Scope) -> ReportHistory:
        """The same of a scope."""
        return self.history.within(scope, self.registries)


class ReportRevisions:
    """The reports of a release then, with what is recorded since, and now."""

    def __init__(self, folder: Path, release: Release, source: Source, revised: Revised) -> None:
        self._release, self._source, self._revised = release, source, revised
        self._asked = Asked.of(release)
        self._settings = _of_then(settings_of(self._asked, revised.then, folder), release, revised)
        self._released = released_cells(folder)
        whose = release.options.body or report.whose_form(
            self._settings.registry, release.under, of_each=release.options.each is not None
        )
        self._names = report.asked_reports(release.report, release.window, whose)

    def changes(self) -> list[Change]:
        """Every cell that changed, with its dossiers and their events."""
        moments = (self._then, self._known, self._now)
        sets = [self._scopes(each) for each in moments]
        scopes = {folder: scope for each in sets for folder, scope in each.items()}
        moved = (
            change
            for folder, scope in scopes.items()
            for change in self._moved(folder, scope, [folder in each for each in sets])
        )
        return list(with_dossiers(moved, self._revised.causes_in(self._windows)))

    @cached_property
    def _windows(self) -> list[Window]:
        return report.windows_of(self._names, self._release.window)

    def _scopes(self, moment: Moment) -> dict[str, Scope]:
        """The scope of each set of reports of a moment, by the folder in which a release has it."""
        own, each = self._settings.scope, self._release.options.each
        if each is None:
            return {"": own}
        level = None if each == ALL_LEVELS else each
        current, registry = moment.history.current, moment.history.registry
        bodies = scopes_of_bodies(own, current, registry, level)
        return {f"{code}/": scope for code, scope in bodies.items()}

    def _moved(
        self, folder: str, scope: Scope, is_there: Sequence[bool]
    ) -> Iterator[tuple[Change, dict[Part, Nets]]]:
        """The cells of one set of reports that changed. ``is_there`` says at which moments there
        are such reports: of a body that is not in the registry, only while it has dossiers."""
        histories = [each.within(scope) for each in (self._then, self._known, self._now)]
        made = [
            self._documents(each) if there else dict.fromkeys(self._names, NO_REPORT)
            for each, there in zip(histories, is_there, strict=True)
        ]
        lists = dict(self._lists(histories))
        for name in self._names:
            if name in self._release.reports:
                released: Cells = self._released.get(f"{folder}{name}", {})
                at = Made(released, *(each[name] for each in made))
                language = self._release.options.language
                yield from moved_cells(f"{folder}{name}", at, language, lists)

    def _documents(self, history: ReportHistory) -> dict[str, Document]:
        made = report.documents(self._names, history, self._settings)
        return dict(zip(self._names, made, strict=True))

    def _lists(self, histories: Sequence[ReportHistory]) -> Iterator[tuple[Part, Listed]]:
        """The dossiers behind figures before and after each part."""
        moments = (self._then, self._known, self._now)
        for number, part in enumerate(OWN_PARTS):
            if (sides := self._revised.sides(part, self._windows)) is not None:
                before, after = (
                    _behind(ledger, moments[number + n], histories[number + n])
                    for n, ledger in enumerate(sides)
                )
                yield part, Listed(sides, before, after, self._windows)

    @cached_property
    def _then(self) -> Moment:
        cut = CutSource(self._source, self._release.log.events)
        return self._read(cut, self._revised.then, self._release.as_of)

    @cached_property
    def _known(self) -> Moment:
        return self._read(self._source, self._revised.then, None)

    @cached_property
    def _now(self) -> Moment:
        if self._revised.sides("law", self._windows) is None:
            return self._known
        return self._read(self._source, self._revised.now, None)

    def _read(self, source: Source, office: Office, as_of: datetime | None) -> Moment:
        asked = (self._names, source, office, as_of, self._release.window, self._settings)
        return Moment(*report.read_history(*asked))


def _of_then(settings: ReportSettings, release: Release, revised: Revised) -> ReportSettings:
    """Settings that keep the agencies of then: "now" is the day that the release was as of."""
    if settings.roll_up != NOW:
        return settings
    return settings._replace(roll_up=revised.then.last_day(release.as_of))


def _behind(ledger: Ledger, moment: Moment, history: ReportHistory) -> Lists:
    return Lists(ledger, moment.registries.__getitem__, history.integrity)
