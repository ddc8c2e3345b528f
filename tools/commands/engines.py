"""Where archives are folded: what --engine and --master mean, and whether the cluster was used."""

from typing import TYPE_CHECKING, Final

from hoso.domain.errors import UserError
from hoso.tools.commands.options import Engine
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.tools.sources.spark import Cluster

KEPT: Final = "balances kept beside the archive gave the answer; --no-cache folds it again"
SELECTED: Final = "--slice and --under of a statement are answered on this machine"


def cluster(engine: Engine, master: str | None) -> "Cluster | None":
    """What folds archives; None: the cores of this machine. Raises ``UserError``."""
    if engine is Engine.local:
        if master is not None:
            raise UserError("--master: is for --engine spark")
        return None
    from hoso.tools.sources import spark

    return spark.cluster(master)


def report_cluster(used: "Cluster | None", why_not: str = KEPT) -> None:
    """Say on standard error how many buckets the cluster has folded, or why it was not asked."""
    if used is None:
        return
    if used.buckets is None:
        say(f"--engine spark: not used: {why_not}", err=True)
    else:
        say(f"--engine spark: {used.master}: {used.buckets:,} buckets folded", err=True)
