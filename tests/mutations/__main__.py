"""Plants deliberate faults, one at a time, and counts those that the tests catch.

``make mutations`` runs it on a copy of the code; some minutes. Exit 1 where a fault survives, or no
longer fits the code. ``python -m tests.mutations 12 40`` tries some of them again, by number.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

# Imported here, once: whoever tries a fault is a copy of this process.
import holidays  # noqa: F401
import hypothesis  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pydantic  # noqa: F401
import pytest
import rich.console  # noqa: F401
import typer  # noqa: F401

from tests.mutations.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
CODE = ("hoso", "domain", "projections", "consumers", "tools", "tests", "docs", "pyproject.toml")
# The quick ones first: a fault is caught by the first test that fails.
TESTS = (
    "tests/unit/test_rules_document.py",
    "tests/unit/test_rules.py",
    "tests/unit/test_integrity.py",
    "tests/integration/test_transfers.py",
    "tests/property/test_against_the_model_law.py",
    "tests/property/test_law_everywhere.py",
    "tests/property/test_against_the_model.py",
    "tests/property/test_laws.py",
    "tests/property/test_register.py",
    "tests/e2e/test_law.py",
    "tests/property/test_integrity.py",
)
OPTIONS = (
    "-x",
    "-qq",
    "-n0",
    "--tb=no",
    "-p",
    "no:cacheprovider",
    "-k",
    "not compiled and not store",
)


def main(numbers: Sequence[int]) -> int:
    """Try faults by their numbers, all if there is none; returns the exit status."""
    tried = numbers or range(len(FAULTS))
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_code(copy)
        if killer := _failing_test(copy):
            print(f"without any fault, {killer} fails")
            return 1
        caught = sum(_is_caught(number, copy) for number in tried)
    print(f"{caught} of {len(tried)} faults caught")
    return int(caught < len(tried))


def _copy_code(copy: Path) -> None:
    for name in CODE:
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, copy / name)
        else:
            no_code = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=no_code)
    # By its hash, a file that was changed is never taken for its compiled former self.
    compile_dir(copy, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)


def _is_caught(number: int, copy: Path) -> bool:
    """Plant a fault, run the tests, and say what became of it."""
    fault = FAULTS[number]
    file = copy / fault.file
    right = file.read_text(encoding="utf-8")
    killer = None
    if right.count(fault.right) == 1:
        file.write_text(right.replace(fault.right, fault.wrong), encoding="utf-8")
        killer = _failing_test(copy)
        file.write_text(right, encoding="utf-8")
    print(f"{number:3} {fault.file}: {killer or _uncaught(fault, right)}", flush=True)
    return killer is not None


def _uncaught(fault: Fault, code: str) -> str:
    what = "SURVIVED" if code.count(fault.right) == 1 else "DOES NOT FIT THE CODE"
    return f"{what}: {fault.right!r} as {fault.wrong!r}"


def _failing_test(copy: Path) -> str | None:
    """The first test that fails; None where all pass."""
    read, write = os.pipe()
    process = os.fork()
    if not process:
        _run_tests(copy, write)
    os.close(write)
    with os.fdopen(read) as told:
        failed = told.read()
    _, status = os.waitpid(process, 0)
    return failed or (f"exit status {status}" if status else None)


def _run_tests(copy: Path, write: int) -> None:
    """Run the tests of a copy in this process, write which one failed, and end."""

    class Failures:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                os.write(write, report.nodeid.rpartition("/")[2].encode())

    os.chdir(copy)
    os.environ["HYPOTHESIS_PROFILE"] = "brief"
    sys.dont_write_bytecode = True
    sys.path[0] = str(copy)
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    status = pytest.main([*OPTIONS, *TESTS], plugins=[Failures()])
    os._exit(int(status))


if __name__ == "__main__":
    sys.exit(main([int(number) for number in sys.argv[1:]]))
