"""Who folds an archive that is too much for one machine? A Spark cluster, a bucket to a task.

Executors read the buckets from where this machine does, so the archive is on a file system that
they share, and hoso is installed where they run. Only balances come back: no event is moved.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from hoso.domain.errors import UserError
from hoso.projections.archive.manifest import Bucket, MapBuckets

if TYPE_CHECKING:
    from pyspark import SparkContext

R = TypeVar("R")

DEFAULT_MASTER: Final = "local[*]"
SETTINGS: Final = {
    "spark.app.name": "hoso",
    "spark.log.level": "OFF",  # what fails is told in one line, by us
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def on_cluster(master: str | None) -> MapBuckets:
    """Has buckets folded by the Spark cluster of a URL: ``spark://host:7077``, ``yarn``,
    ``local-cluster[2,1,1024]``; by this machine's cores if None.

    Raises ``UserError`` where pyspark is not installed.
    """
    try:
        import pyspark  # noqa: F401 # here, as few need it
    except ImportError:
        raise UserError(
            "--engine spark: pyspark is not installed: pip install 'hoso[spark]'"
        ) from None

    def map_buckets(work: Callable[[Bucket], R], buckets: Sequence[Bucket], /) -> Iterator[R]:
        with _context(master or DEFAULT_MASTER) as context:
            tasks = context.parallelize(buckets, max(len(buckets), 1))
            for result in tasks.map(lambda bucket: _result_or_fault(work, bucket)).collect():
                if isinstance(result, UserError | FileNotFoundError):
                    raise result
                yield result

    return map_buckets


def _result_or_fault(
    work: Callable[[Bucket], R], bucket: Bucket
) -> R | UserError | FileNotFoundError:
    """The result of some work on a bucket, or the fault that the caller is to raise."""
    try:
        return work(bucket)
    except (UserError, FileNotFoundError) as fault:
        return fault


@contextmanager
def _context(master: str) -> "Iterator[SparkContext]":
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # nobody else need reach it
    try:
        with _unheard():
            context = SparkContext(conf=SparkConf().setMaster(master).setAll([*SETTINGS.items()]))
        try:
            yield context
        finally:
            context.stop()
    except (PySparkException, Py4JError) as error:
        raise UserError(f"--engine spark: {master}: {_reason(error)}") from None


@contextmanager
def _unheard() -> Iterator[None]:
    """What starts meanwhile writes no remarks to standard error, as long as it runs."""
    heard, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(heard, 2)
        os.close(heard)
        os.close(nowhere)


def _reason(error: Exception) -> str:
    """The line that says what, in an error that quotes a stack of them."""
    if "stopped SparkContext" in str(error):
        return "no cluster answers there"
    told = [line for line in str(error).splitlines() if "Exception" in line or "Error" in line]
    return " ".join((told or [str(error)])[0].split()).removeprefix(": ")
