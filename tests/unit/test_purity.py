"""Is the domain pure? It imports the standard library and pydantic, and asks nothing of the world.

import-linter watches the same border at build time; this names what is impure.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = sorted((ROOT / "domain").glob("**/*.py"))
ALLOWED = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "hoso.domain"}
THE_WORLD = {
    *("os", "io", "pathlib", "shutil", "tempfile", "socket", "ssl", "http", "urllib", "sqlite3"),
    *("subprocess", "threading", "multiprocessing", "asyncio", "random", "secrets", "uuid"),
    *("time", "locale", "logging", "sys", "zoneinfo", "importlib", "ctypes", "signal", "select"),
}
ASKING_THE_WORLD = {"now", "today", "utcnow", "open", "environ", "getenv", "print", "input"}
ASKING_THE_WORLD |= {"exec", "eval", "__import__", "breakpoint", "read_text", "write_text"}

modules = pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level names of all that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_package(alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield _package(str(node.module))


def _package(module: str) -> str:
    """What a module belongs to: a library by its name, of hoso the package within it."""
    parts = module.split(".")
    return ".".join(parts[: 2 if parts[0] == "hoso" else 1])


def used(tree: ast.Module) -> Iterator[str]:
    """Every name and attribute that a module mentions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        if isinstance(node, ast.Attribute):
            yield node.attr


def test_there_is_a_domain() -> None:
    assert {"rules", "calendar", "dossier", "events"} <= {path.stem for path in DOMAIN}


@modules
def test_the_domain_imports_the_standard_library_and_pydantic_only(path: Path) -> None:
    names = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    assert names <= ALLOWED
    assert names & THE_WORLD == set()


@modules
def test_the_domain_has_no_clock_no_files_and_no_environment(path: Path) -> None:
    names = set(used(ast.parse(path.read_text(encoding="utf-8"))))
    assert names & ASKING_THE_WORLD == set()


@modules
def test_the_domain_keeps_no_state_that_a_function_changes(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)]
