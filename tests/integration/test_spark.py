"""Does a cluster fold an archive as this machine does, and is it told whether it was used?"""

import pickle
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest

from hoso.domain.calendar import day_number
from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.archive import writer
from hoso.projections.archive.manifest import Bucket
from hoso.projections.integrity.parts import question_of
from hoso.projections.ledger.backtest import Backtest
from hoso.projections.ledger.register import Moment
from hoso.projections.ledger.statement import statement_from
from hoso.tools.inputs.checks import checks_by
from hoso.tools.jobs import archive
from hoso.tools.runtime import environment
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options, Source
from tests.command import SPAN, Outcome, done, hoso
from tests.engine import LOCAL
from tests.services.required import need

R = TypeVar("R")

ARCHIVE = ("--source", "archive", "--format", "json")
KNOWN = ("--as-of", "2023-06-30")
WINDOWS = ("statement", *ARCHIVE, "--window", "2023-Q1", "--window", "2023-Q2", "--by", "channel")
PATIENCE_S = 400.0  # several Java machines start, beside other tests
TWO_EXECUTORS = "local-cluster[2,1,1024]"
QUESTIONS = {  # and the master that is asked
    "windows": ((*WINDOWS, "--no-cache"), TWO_EXECUTORS),
    "reports": (("report", "scorecard", *ARCHIVE, "--window", "2023-Q1", *KNOWN), "local[2]"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with an archive of several buckets."""
    where = tmp_path_factory.mktemp("cluster")
    done(where, "simulate", *SPAN, "--dossiers", "2000", "--out", "events.jsonl")
    source = open_source([str(where / "events.jsonl")], Options(LOCAL))
    with patch.object(writer, "BUCKET_ROWS", 700):
        made = archive.archive(source, where / "archive", LOCAL)
    assert len(made.buckets) > 2
    return where


@pytest.fixture(autouse=True)
def spark() -> None:
    """Needs pyspark."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        need("spark", "pyspark is not installed: pip install '.[spark]'")


def on_spark(folder: Path, question: Sequence[str], master: str) -> Outcome:
    """What a command leaves that asks a cluster."""
    engine = ("--engine", "spark", "--master", master)
    return hoso(folder, *question, *engine, patience_s=PATIENCE_S, SPARK_LOCAL_IP="127.0.0.1")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_cluster_answers_as_this_machine(folder: Path, name: str) -> None:
    question, master = QUESTIONS[name]
    answer = on_spark(folder, question, master)
    assert (answer.status, answer.out) == (0, done(folder, *question))
    assert re.fullmatch(
        rf"--engine spark: {re.escape(master)}: \d+ buckets folded\n", answer.err
    ), answer.err


def test_each_question_travels_to_executors_and_back(folder: Path) -> None:
    archive = str(folder / "archive")
    here = answers(open_source([archive], Options(LOCAL, cache=False)))
    there = answers(open_source([archive], Options(LOCAL, cache=False, map_buckets=travelling)))
    assert there == here


def travelling(work: Callable[[Bucket], R], buckets: Sequence[Bucket], /) -> Iterator[R]:
    """Some work on each bucket, work and results packed as Spark packs them."""
    packed: bytes = import_module("pyspark.cloudpickle").dumps(work)  # has types only where it is
    there = pickle.loads(packed)
    for bucket in buckets:
        yield pickle.loads(pickle.dumps(there(bucket)))


def answers(source: Source) -> list[object]:
    """What a source says to all questions that are answered bucket by bucket."""
    office, window = environment.office(Policy()), named_window("2023-Q1")
    moment = Moment(None, day_number(window.last))
    question = question_of(office, None, window, checks_by(None))
    digest = statement_from(source.balances([office], None, ["level"])[0], window)["digest"]
    return [
        digest,
        repr(source.periods(office, None, [window])),
        repr(source.taken_along(office, None, ["level"])),
        repr([part[:2] for part in source.integrity_parts(question)]),
        repr(source.forecasts(office, None, Backtest(window, 5, moment.day))),
        *(table.to_pylist() for table in source.register(office, moment)),
        *(table.to_pylist() for table in source.due(office, moment, 5)),
        source.ledger_behind(office, None, window, ["received"]).log.to_pylist(),
    ]


def test_it_is_told_when_kept_balances_answer(folder: Path) -> None:
    expected = done(folder, *WINDOWS)
    answer = on_spark(folder, WINDOWS, "local[2]")
    kept = "balances kept beside the archive gave the answer; --no-cache folds it again"
    assert answer == (0, expected, f"--engine spark: not used: {kept}\n")


def test_it_is_told_when_selected_dossiers_are_counted_here(folder: Path) -> None:
    answer = on_spark(folder, (*WINDOWS, "--slice", "channel=online"), "local[2]")
    here = "--slice and --under of a statement are answered on this machine"
    assert (answer.status, answer.err) == (0, f"--engine spark: not used: {here}\n")


def test_a_master_that_is_not_there_fails_in_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    answer = hoso(
        folder, *WINDOWS, "--no-cache", "--engine", "spark", "--master", master, patience_s=30
    )
    fault = f"hoso: --engine spark: {master}: no cluster answers there\n"
    assert answer == (2, "", fault)
