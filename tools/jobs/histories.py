"""Opens the history that ``--source`` names, and says how another command opens the same."""

from typing import TYPE_CHECKING

from hoso.tools.inputs.questions import Attribution, RollUp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hoso.domain.policy import Policy
    from hoso.projections.archive.manifest import MapBuckets
    from hoso.tools.sources.source import Source


def for_same_history(
    sources: "Sequence[str] | None",
    as_of: str | None,
    *,
    skip_rejects: bool,
    policy: "Policy | None" = None,
    registry: str | None = None,
    roll_up: RollUp = RollUp.then,
    attribution: Attribution = Attribution.held,
) -> tuple[str, ...]:
    """The options that make another command read the same history by the same rules."""
    from hoso.tools.runtime import environment

    answer = for_same_answer(
        as_of, policy=policy, registry=registry, roll_up=roll_up, attribution=attribution
    )
    return (
        *(word for name in sources or [environment.store_url()] for word in _source(name)),
        *answer,
        *(("--skip-rejects",) if skip_rejects else ()),
    )


def for_same_answer(
    as_of: str | None,
    *,
    policy: "Policy | None",
    registry: str | None,
    roll_up: RollUp,
    attribution: Attribution,
) -> tuple[str, ...]:
    """The options that make another command answer by the same rules, from whatever history it
    reads."""
    from hoso.consumers.intake.files import shown_name
    from hoso.tools.output import calls

    return (
        *(() if registry is None else ("--registry", shown_name(registry))),
        *(() if registry is None or roll_up is RollUp.then else ("--roll-up", roll_up.value)),
        *(() if as_of is None else ("--as-of", as_of)),
        *(() if policy is None else calls.rules(policy)),
        *(() if attribution is Attribution.held else ("--attribution", attribution.value)),
    )


def for_same_checks(profile: str | None, procedures: str | None) -> tuple[str, ...]:
    """The options that make another command run the same checks of integrity."""
    from hoso.consumers.intake.files import shown_name

    given = {"--profile": profile, "--procedures": procedures}
    return tuple(
        word
        for option, file in given.items()
        if file is not None
        for word in (option, shown_name(file))
    )


def _source(name: str) -> tuple[str, str]:
    """How another command names a source. A store's password stays out: that is in $PGPASSWORD."""
    from hoso.consumers.intake.files import shown_name
    from hoso.consumers.store.address import StoreAddress
    from hoso.tools.sources.opening import is_store

    return "--source", shown_name(StoreAddress.parse(name).shown if is_store(name) else name)


def opened(
    names: "Sequence[str] | None",
    *,
    skip_rejects: bool = False,
    cache: bool = True,
    map_buckets: "MapBuckets | None" = None,
) -> "Source":
    """The source that --source names; the default store where it is not given."""
    from hoso.tools.runtime import environment
    from hoso.tools.sources.opening import open_source
    from hoso.tools.sources.source import Options

    how = Options(environment.zone(), skip_rejects, cache, map_buckets)
    return open_source(names or [environment.store_url()], how)
