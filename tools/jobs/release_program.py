"""Says which program makes a release: its version, its code, its profiles, its libraries.

Two releases by equal programs of equal histories have equal papers. By another program their
figures are compared, and not their bytes.
"""

import zlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

from hoso.domain.policy import RULE_BOOK
from hoso.projections.cache.fingerprint import ROOT, digest
from hoso.projections.releases.release import Program

# What makes figures and papers.
CODE: Final = ("domain", "projections", "tools/output", "tools/inputs", "tools/jobs")
ENDINGS: Final = (".py", ".jinja", ".css", ".js")
PROFILES: Final = "projections/**/*.yaml"
LIBRARIES: Final = ("jinja2", "lxml", "numpy", "orjson", "pyarrow", "python-docx", "xlsxwriter")


@cache
def this_program() -> Program:
    """The program that runs."""
    code = [file for part in CODE for file in (ROOT / part).rglob("*") if file.suffix in ENDINGS]
    libraries = {name: version(name) for name in LIBRARIES}
    return Program(
        version=version("hoso"),
        rule_book=RULE_BOOK,
        code=_digest(code),
        profiles=_digest([*ROOT.glob(PROFILES)]),
        libraries={**libraries, "python": python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION},
    )


def _digest(files: list[Path]) -> str:
    named = sorted((str(file.relative_to(ROOT)), file) for file in files)
    return digest(*(f"{name}\n{file.read_text(encoding='utf-8')}" for name, file in named))
