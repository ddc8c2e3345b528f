"""Copies the input files of a release into its folder, byte by byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hoso.domain.errors import UserError
from hoso.projections.releases.release import Options
from hoso.tools.inputs.office import SENTENCES
from hoso.tools.inputs.yaml_files import read_yaml
from hoso.tools.jobs.release_papers import FILES, is_file

INPUTS: Final = "inputs"
OFFICE: Final = "office"  # has a folder of its own, as its profile may name another file
LAW: Final = "law"


def copy_inputs(options: Options, to: Path) -> Options:
    """Copy the files that options name into the folder of a release; the options with the names
    that they have there. Raises ``UserError`` for a file that cannot be read."""
    given = {name: getattr(options, name) for name in FILES}
    named = {name: value for name, value in given.items() if is_file(name, value)}
    copies = {name: _copied(name, file, to) for name, file in named.items()}
    if options.office is not None:
        _copy_sentences(options.office, to)
    return options.model_copy(update=copies)


def copy_law(file: str, to: Path) -> str:
    """Copy a file of provisions; the name of the copy. Raises ``UserError``."""
    return _copied(LAW, file, to)


@contextmanager
def named_as_given(given: Options, copies: Options, place: Path) -> Iterator[None]:
    """Have errors name input files as they were given, not the copies that are read."""
    try:
        yield
    except UserError as error:
        text = str(error)
        for name in FILES:
            if (copy := getattr(copies, name)) != (file := getattr(given, name)):
                text = text.replace(str(place / copy), file).replace(copy, file)
        raise type(error)(text) from None


def _copied(name: str, file: str, to: Path) -> str:
    within = f"{INPUTS}/{OFFICE}" if name == OFFICE else INPUTS
    copy = f"{within}/{name}{Path(file).suffix}"
    _copy(f"--{name.replace('_', '-')}", Path(file), to / copy)
    return copy


def _copy_sentences(office: str, to: Path) -> None:
    """Copy the file that an office's profile names beside itself, if it names one."""
    name = read_yaml(office).tree.get(SENTENCES)
    if name is None:
        return
    if Path(str(name)).is_absolute() or ".." in Path(str(name)).parts:
        raise UserError(f"{office}: {SENTENCES}: a release copies it: name a file beside this one")
    _copy(f"{office}: {SENTENCES}", Path(office).parent / name, to / INPUTS / OFFICE / name)


def _copy(option: str, file: Path, copy: Path) -> None:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UserError(f"{option}: {file}: {error.strerror}") from None
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(body)
