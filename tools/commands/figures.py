"""What are the figures, and what stands behind them? statement, dossiers, explain."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from domain.wrong import Wrong
from tools.commands import options
from tools.commands.found import report_rejects

if TYPE_CHECKING:
    from datetime import datetime

    from domain.office import Office
    from domain.policy import Policy
    from projections.ledger import Ledger

SUSPENSE: Final = "suspense"


def statement(
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    by: options.ByOption = "",
    as_of: options.AsOfOption = None,
    after_supplement: options.AfterSupplementOption = options.AfterSupplement.restart,
    supplement_limit: options.SupplementLimitOption = 1,
    reschedule: options.RescheduleOption = options.Reschedule.keep_original,
    form: options.FormatOption = options.Format.table,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """The statement of a window: carried over, received, resolved ..., carried forward."""
    span, slices = options.window(first, last, window), options.dimensions(by)
    policy = options.policy(supplement_limit, after_supplement, reschedule)
    basis = _basis(source, as_of, policy)
    from projections.statement import stated
    from tools import render, sources

    sheets, rejects = sources.totals(*basis, slices, skip_rejects=skip_rejects)
    document = stated(sheets, span)
    if form is options.Format.json:
        render.print_json(document)
    elif form is options.Format.csv:
        sys.stdout.write(render.statement_csv(document))
    else:
        render.show(render.statement_table(document), render.basis(document))
    report_rejects(rejects)


def dossiers(
    account: Annotated[
        str,
        typer.Option(help="The figure: resolved.overdue, in_progress, received, carried_over …"),
    ],
    source: options.SourceOption = None,
    first: options.FromOption = None,
    last: options.ToOption = None,
    window: options.WindowOption = None,
    by: options.ByOption = "",
    only: Annotated[
        list[str] | None, typer.Option("--slice", help="Of one slice only: channel=online.")
    ] = None,
    as_of: options.AsOfOption = None,
    after_supplement: options.AfterSupplementOption = options.AfterSupplement.restart,
    supplement_limit: options.SupplementLimitOption = 1,
    reschedule: options.RescheduleOption = options.Reschedule.keep_original,
    form: options.FormatOption = options.Format.table,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """The dossiers behind one figure of a statement, or the events in suspense."""
    span, slices, kept = (
        options.window(first, last, window),
        options.dimensions(by),
        options.slice_of(only or []),
    )
    policy = options.policy(supplement_limit, after_supplement, reschedule)
    _known_figure(account)
    ledger, rejects = _ledger(source, as_of, policy, skip_rejects)
    from projections import listing
    from tools import render

    if account == SUSPENSE:
        listed, columns = listing.suspended(ledger, span), ["dossier", "day", "event", "id"]
    else:
        listed = listing.dossiers(ledger, span, account, slices, kept)
        columns = ["dossier", *slices, "received", "account", "since"]
    if form is options.Format.json:
        render.print_json(listed)
    elif form is options.Format.csv:
        sys.stdout.write(render.rows_csv(listed, columns))
    else:
        render.show(render.rows_table(listed, columns), f"{account}: {len(listed)}")
    report_rejects(rejects)


def explain(
    code: Annotated[str, typer.Argument(help="The dossier's code (mã hồ sơ).")],
    source: options.SourceOption = None,
    as_of: options.AsOfOption = None,
    after_supplement: options.AfterSupplementOption = options.AfterSupplement.restart,
    supplement_limit: options.SupplementLimitOption = 1,
    reschedule: options.RescheduleOption = options.Reschedule.keep_original,
    skip_rejects: options.SkipRejectsOption = False,
) -> None:
    """One dossier's life: each event, what it did to clock and account, and by which rule."""
    policy = options.policy(supplement_limit, after_supplement, reschedule)
    ledger, rejects = _ledger(source, as_of, policy, skip_rejects)
    from domain.calendar import day_number, local_date
    from projections.explain import explain as explained
    from tools import bootstrap, render

    today = day_number(local_date(ledger.as_of or bootstrap.now(), ledger.office.zone))
    steps = explained(ledger, code, today)
    render.show(render.life_table(code, steps), render.standing(steps[-1], ledger.office, today))
    report_rejects(rejects)


def _known_figure(name: str) -> None:
    from projections.listing import FIGURES

    if name not in (*FIGURES, SUSPENSE):
        raise Wrong(f"--account: no account {name!r}: use one of {', '.join(FIGURES)}, {SUSPENSE}")


def _ledger(
    source: str | None, as_of: str | None, policy: "Policy", skip_rejects: bool
) -> tuple["Ledger", list[str]]:
    basis = _basis(source, as_of, policy)
    from tools import sources

    return sources.replayed(*basis, skip_rejects=skip_rejects)


def _basis(
    source: str | None, as_of: str | None, policy: "Policy"
) -> tuple[str, "Office", "datetime | None"]:
    """Where the events are, by what they are judged, and as of when."""
    known = None if as_of is None else options.instant(as_of)
    from tools import bootstrap

    name = bootstrap.store_url() if source is None else source
    return name, bootstrap.office(policy), known
