"""Folds archives on a Spark cluster, one bucket to a task, where one machine is too small.

Executors read the buckets under the same path as this machine, so the archive is on a file system
that they share, and hoso is installed where they run (docs/OPERATIONS.md, Archives). What comes
back is what each bucket contributes: balances and counts; rows, for a register.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from hoso.domain.errors import UserError
from hoso.projections.archive.manifest import Bucket, MapBuckets

if TYPE_CHECKING:
    from pyspark import SparkContext

R = TypeVar("R")

DEFAULT_MASTER: Final = "local[*]"
STANDALONE: Final = "spark://"
MOST_WAIT_S: Final = 5.0  # for a master to take a connection
MOST_WAIT_FOR_WORKERS_S: Final = 30.0
NO_ANSWER: Final = "no cluster answers there"
NO_WORKER: Final = "no worker of it is free"
SETTINGS: Final = {
    "spark.app.name": "hoso",
    "spark.log.level": "OFF",  # hoso reports in one line what fails
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# For a cluster on this machine: no other machine needs to reach it.
LOOPBACK: Final = dict.fromkeys(("spark.driver.bindAddress", "spark.driver.host"), "127.0.0.1")


class Cluster:
    """Folds buckets on a Spark cluster: a ``MapBuckets``.

    ``master`` is its URL: ``spark://host:7077``, ``yarn``, ``local-cluster[2,1,1024]``, or
    ``local[*]`` for the cores of this machine. ``buckets`` is how many it has folded; None where
    it was not asked.
    """

    def __init__(self, master: str) -> None:
        self.master = master
        self.buckets: int | None = None

    def __call__(self, work: Callable[[Bucket], R], buckets: Sequence[Bucket], /) -> Iterator[R]:
        """The result of some work on each bucket; see ``MapBuckets``.

        Raises ``UserError`` where no cluster answers, and for what fails there.
        """
        results = self._results(work, buckets) if buckets else []
        self.buckets = (self.buckets or 0) + len(buckets)
        for result in results:
            if isinstance(result, UserError | FileNotFoundError):
                raise result
            yield result

    def _results(
        self, work: Callable[[Bucket], R], buckets: Sequence[Bucket]
    ) -> list[R | UserError | FileNotFoundError]:
        with _context(self.master) as context:
            tasks = context.parallelize(buckets, len(buckets))
            return [*tasks.map(lambda bucket: _result_or_fault(work, bucket)).collect()]


def cluster(master: str | None) -> Cluster:
    """The cluster of a URL; None: the cores of this machine.

    Raises ``UserError`` if pyspark is not installed.
    """
    try:
        import pyspark  # noqa: F401 # here, as few need it
    except ImportError:
        raise UserError(
            "--engine spark: pyspark is not installed: pip install 'hoso[spark]'"
        ) from None
    return Cluster(master or DEFAULT_MASTER)


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

    _check_answers(master)
    settings = dict(SETTINGS)
    if master.startswith("local") and "SPARK_LOCAL_IP" not in os.environ:
        settings |= LOOPBACK
    try:
        with _stderr_dropped():
            context = SparkContext(conf=SparkConf().setMaster(master).setAll([*settings.items()]))
        # In a driver that is no spark-submit, Spark has no setting for this but the environment.
        context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
        try:
            _await_worker(master, context)
            yield context
        finally:
            context.stop()
    except (PySparkException, Py4JError) as error:
        raise UserError(f"--engine spark: {master}: {_reason(error)}") from None


def _check_answers(master: str) -> None:
    """Raise ``UserError`` where a standalone cluster takes no connection: Spark itself would try
    for a minute. Several masters of one cluster are written ``spark://one:7077,other:7077``."""
    if not master.startswith(STANDALONE):
        return
    for address in master.removeprefix(STANDALONE).split(","):
        host, _, port = address.rpartition(":")
        if not port.isdecimal():
            continue
        try:
            socket.create_connection((host, int(port)), MOST_WAIT_S).close()
        except (OSError, OverflowError):
            continue
        return
    raise UserError(f"--engine spark: {master}: {NO_ANSWER}")


def _await_worker(master: str, context: "SparkContext") -> None:
    """Raise ``UserError`` where a standalone cluster gives no executor in time: Spark itself would
    wait for one without end."""
    end = time.monotonic() + MOST_WAIT_FOR_WORKERS_S
    while master.startswith(STANDALONE) and _executors(context) == 0:
        if time.monotonic() > end:
            raise UserError(f"--engine spark: {master}: {NO_WORKER}")
        time.sleep(0.1)


def _executors(context: "SparkContext") -> int:
    """How many there are; Spark counts the driver as one more."""
    return int(context._jsc.sc().getExecutorMemoryStatus().size()) - 1


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
        return NO_ANSWER
    lines = [line for line in str(error).splitlines() if "Exception" in line or "Error" in line]
    return " ".join((lines or [str(error)])[0].split()).removeprefix(": ")


# mypy checks that it has the right type.
_IS_MAP: type[MapBuckets] = Cluster
