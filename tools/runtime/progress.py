"""Shows a progress bar on a terminal for what takes longer than two seconds."""

import sys
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from hoso.tools.runtime.translation import translated

if TYPE_CHECKING:
    from rich.progress import Progress, Task
    from rich.text import Text

Item = TypeVar("Item")
DELAY_S: Final = 2.0


def with_progress(
    items: Iterable[Item],
    total: int | None,
    label: str,
    size: Callable[[Item], int] = lambda _: 1,
) -> Iterator[Item]:
    """The items as they are, with a progress bar on standard error if that is a terminal.

    The bar grows by the ``size`` of each item up to ``total`` (None: not known), and shows the rate
    and the time left.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    bar, done, started = None, 0, monotonic()
    try:
        for item in items:
            yield item
            done += size(item)
            if bar or monotonic() - started > DELAY_S:
                bar = bar or _bar(label, total)
                bar.update(bar.task_ids[0], completed=done)
    finally:
        if bar:
            bar.stop()


def _bar(label: str, total: int | None) -> "Progress":
    from rich.console import Console  # here, as it takes 0.1 s to import
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

    class Rate(ProgressColumn):
        """How much is done in a second."""

        def render(self, task: "Task") -> "Text":
            from rich.text import Text

            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), Rate(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(translated(label), total=total)
    bar.start()
    return bar
