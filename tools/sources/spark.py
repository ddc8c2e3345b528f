"""Folds an archive on a Spark cluster, one bucket to a task, where one machine is too small.

Executors read the buckets under the same path as this machine, so the archive is on a file system
that they share, and hoso is installed where they run. Only balances come back, no events.
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
    "spark.log.level": "OFF",  # hoso reports in one line what fails
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# For a cluster on this machine: no other machine needs to reach it.
LOOPBACK: Final = dict.fromkeys(("spark.driver.bindAddress", "spark.driver.host"), "127.0.0.1")


def on_cluster(master: str | None) -> MapBuckets:
    """How to fold buckets on a Spark cluster, given by its URL: ``spark://host:7077``, ``yarn``,
    ``local-cluster[2,1,1024]``; None for the cores of this machine.

    Raises ``UserError`` if pyspark is not installed.
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

    settings = dict(SETTINGS)
    if master.startswith("local") and "SPARK_LOCAL_IP" not in os.environ:
        settings |= LOOPBACK
    try:
        with _stderr_dropped():
            context = SparkContext(conf=SparkConf().setMaster(master).setAll([*settings.items()]))
        # In a driver that is no spark-submit, Spark has no setting for this but the environment.
        context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
        try:
            yield context
        finally:
            context.stop()
    except (PySparkException, Py4JError) as error:
        raise UserError(f"--engine spark: {master}: {_reason(error)}") from None


@contextmanager
def _stderr_dropped() -> Iterator[None]:
    """Drop standard error, for good in processes that start meanwhile: Spark's remarks."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _reason(error: Exception) -> str:
    """The line of an error, which may quote a stack of them, that says what is wrong."""
    if "stopped SparkContext" in str(error):
        return "no cluster answers there"
    lines = [line for line in str(error).splitlines() if "Exception" in line or "Error" in line]
    return " ".join((lines or [str(error)])[0].split()).removeprefix(": ")
