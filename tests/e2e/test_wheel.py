"""The wheel installs one top-level package, ``hoso``, and works beside folders of the same names.

The wheel is built from a copy of the checkout, from the sdist, and from what the Dockerfile copies.
All three must have the same files. Then the wheel is installed into a new virtual environment, and
runs where ``tools``, ``domain``, ``consumers`` and ``projections`` are packages of somebody else.
Only hoso is new there: its dependencies are those of the environment that runs the tests.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pytest

import hoso
from tests.command import PATIENCE_S, SPAN, asked, environment
from tests.offices import EVENTS

ROOT = Path(__file__).parents[2]
PACKAGES = ("consumers", "domain", "projections", "tools")
NOT_IN_A_CLONE = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info")
PROGRAM = f"""
import json, sys
import hoso

statement = hoso.replay({EVENTS!r}).statement("2023-Q1", by=["agency"])
files = {{name: module.__file__ for name, module in sys.modules.items() if "hoso" in name}}
others = [name for name in {PACKAGES} if name in sys.modules]
print(json.dumps({{"digest": statement.document["digest"], "files": files, "others": others}}))
"""


class Built(NamedTuple):
    """The distributions of a checkout."""

    wheel: Path
    sdist: Path


class Installed(NamedTuple):
    """A virtual environment that has the wheel, and a folder to work in."""

    site_packages: Path
    scripts: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the environment writes, with the folder on its import path."""
        done = subprocess.run(
            [self.scripts / program, *arguments],
            cwd=self.folder,
            env=environment(PYTHONPATH=str(self.folder), XDG_CACHE_HOME=str(self.folder / "cache")),
            stdout=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    checkout = shutil.copytree(ROOT, folder / "checkout", symlinks=True, ignore=NOT_IN_A_CLONE)
    return Built(build("wheel", checkout, folder), build("sdist", checkout, folder))


@pytest.fixture
def installed(built: Built, tmp_path: Path) -> Installed:
    """The wheel in an environment of its own; packages of the same names raise when imported."""
    home, folder = tmp_path / "venv", tmp_path / "work"
    venv.create(home, symlinks=True, with_pip=True)
    paths = sysconfig.get_paths("venv", vars={"base": str(home), "platbase": str(home)})
    scripts, site_packages = Path(paths["scripts"]), Path(paths["purelib"])
    install = ["-m", "pip", "--quiet", "install", "--no-deps", "--no-index", str(built.wheel)]
    subprocess.run([scripts / "python", *install], check=True, timeout=PATIENCE_S)
    # Later than the wheel on the import path; hoso's own link to the checkout is not followed.
    dependencies = sysconfig.get_path("purelib")
    (site_packages / "dependencies.pth").write_text(f"{dependencies}\n")
    for name in PACKAGES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise ImportError('not hoso: {name}')\n")
    return Installed(site_packages, scripts, folder)


def build(kind: str, source: Path, out: Path) -> Path:
    """Build a wheel or an sdist with the build backend that pyproject.toml names."""
    code = f"import sys; from setuptools.build_meta import build_{kind} as b; print(b(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(out)],
        cwd=source,
        capture_output=True,
        check=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return out / done.stdout.splitlines()[-1]


def in_wheel(wheel: Path) -> list[str]:
    """The files of a wheel but for what it says of itself."""
    with ZipFile(wheel) as files:
        return sorted(name for name in files.namelist() if ".dist-info/" not in name)


def in_checkout() -> list[str]:
    """The files of the package, by the names that they have in a wheel."""
    folders = [(ROOT / name, f"hoso/{name}/") for name in PACKAGES]
    own = [path.name for path in (ROOT / "hoso").iterdir() if path.is_file()]
    return sorted(
        [f"hoso/{name}" for name in own]
        + [
            prefix + path.relative_to(folder).as_posix()
            for folder, prefix in folders
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ]
    )


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_backend_is_the_one_that_an_installer_would_use() -> None:
    build_system = pyproject()["build-system"]
    assert build_system["build-backend"] == "setuptools.build_meta"
    assert build_system["requires"] == [f"setuptools=={version('setuptools')}"]


def test_the_checkout_has_links_to_the_four_folders() -> None:
    links = {path.name: path.readlink() for path in (ROOT / "hoso").iterdir() if path.is_symlink()}
    assert links == {name: Path("..") / name for name in PACKAGES}


def test_the_wheel_has_one_package_and_every_file_of_it(built: Built) -> None:
    names = in_wheel(built.wheel)
    assert {name.partition("/")[0] for name in names} == {"hoso"}
    assert names == in_checkout()
    assert {Path(name).suffix for name in names} >= {
        ".py",
        ".typed",
        ".yaml",
        ".jinja",
        ".css",
        ".po",
    }
    with ZipFile(built.wheel) as files:
        modes = [info.external_attr >> 16 for info in files.infolist()]
        [top_level] = [name for name in files.namelist() if name.endswith("top_level.txt")]
        assert files.read(top_level).decode().split() == ["hoso"]
    assert not any(mode & 0o170000 == 0o120000 for mode in modes), "a symbolic link"


def test_the_sdist_has_the_same_files_and_makes_the_same_wheel(
    built: Built, tmp_path: Path
) -> None:
    with tarfile.open(built.sdist) as files:
        members = files.getmembers()
    shutil.unpack_archive(built.sdist, tmp_path)
    assert not any(member.islnk() or member.issym() for member in members)
    [top] = tmp_path.iterdir()
    names = {member.name for member in members if member.isfile()}
    assert sorted(n for n in names if n.startswith(f"{top.name}/hoso/")) == [
        f"{top.name}/{name}" for name in in_checkout()
    ]
    assert in_wheel(build("wheel", top, tmp_path)) == in_checkout()


def test_what_the_dockerfile_copies_makes_the_same_wheel(tmp_path: Path) -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    context = tmp_path / "context"
    context.mkdir()
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            *names, target = line.split()[1:]
            assert {f"!{name}" for name in names} <= set(sent), "not sent to the builder"
            for path in (ROOT / name for name in names):
                if path.is_dir():
                    ignored = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(path, context / target, symlinks=True, ignore=ignored)
                else:
                    shutil.copy(path, context / target)
    assert in_wheel(build("wheel", context, tmp_path)) == in_checkout()


def test_it_runs_where_others_have_packages_of_the_same_names(installed: Installed) -> None:
    folder = installed.folder
    assert installed.run("hoso", "demo") == asked(folder, "demo")
    asked(folder, "simulate", *SPAN, "--dossiers", "300", "--seed", "7", "--out", EVENTS)
    expected = hoso.replay(folder / EVENTS).statement("2023-Q1", by=["agency"]).document["digest"]
    (folder / "program.py").write_text(PROGRAM)
    answer = json.loads(installed.run("python", "program.py"))
    assert answer["digest"] == expected
    assert answer["others"] == []
    elsewhere = [
        file
        for file in answer["files"].values()
        if not Path(file).is_relative_to(installed.site_packages / "hoso")
    ]
    assert elsewhere == []
