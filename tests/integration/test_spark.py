"""Does a cluster fold an archive as this machine does?"""

from pathlib import Path
from unittest.mock import patch

import pytest

from hoso.projections.archive import writer
from hoso.tools.jobs import archive
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.command import SPAN, done
from tests.engine import LOCAL
from tests.services.required import need

QUESTION = ("--window", "2023-Q1", "--by", "channel", "--format", "json", "--no-cache")
EXECUTORS = ("--engine", "spark", "--master", "local-cluster[2,1,1024]")


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


def test_two_executors_give_the_digest_of_this_machine(folder: Path) -> None:
    here = done(folder, "statement", "--source", "archive", *QUESTION)
    command = ("statement", "--source", "archive", *QUESTION, *EXECUTORS)
    assert done(folder, *command, SPARK_LOCAL_IP="127.0.0.1") == here
