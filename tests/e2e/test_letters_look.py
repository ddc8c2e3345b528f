"""Does LibreOffice open a letter as it is, on A4 pages, with the tables that it has?

It is started twice, each time for all letters at once.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import docx
import pytest

from tests.command import SPAN, asked
from tests.services.required import need

PATIENCE_S: Final = 120
NAMES: Final = (
    "quarterly",
    "annual",
    "index766",
    "scorecard",
    "integrity",
    "summary",
    "form07b",
    "ii06a",
)
PAGE: Final = re.compile(rb"/Type\s*/Page\b[^>]*?/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
WRITER: Final = Path("/usr/lib/libreoffice/program/libswlo.so")
A4: Final = (595, 842)  # in points


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the letters of a small province, and in ``out`` what LibreOffice makes of them:
    each as it prints it, and as it saves it."""
    office = shutil.which("soffice")
    if office is None or not WRITER.exists():
        need("libreoffice", "LibreOffice Writer is not here: apt install libreoffice-writer-nogui")
    folder = tmp_path_factory.mktemp("letters")
    asked(folder, "simulate", *SPAN, "--dossiers", "600", "--seed", "3", "--facts",
          "--out", "p.jsonl", "--registry", "a.csv")  # fmt: skip
    for name in NAMES:
        asked(folder, "report", name, "--source", "p.jsonl", "--registry", "a.csv",
              "--window", "2023-Q2", "--out", f"{name}.docx")  # fmt: skip
    for kind in ("pdf", "docx"):
        convert(office, folder, kind, [f"{name}.docx" for name in NAMES])
    return folder


def convert(office: str, folder: Path, to: str, files: Sequence[str]) -> None:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", to, "--outdir", "out", *files],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_page_is_a4(letters: Path, name: str) -> None:
    pages = PAGE.findall((letters / "out" / f"{name}.pdf").read_bytes())
    assert len(pages) > 1
    sides = {tuple(sorted((round(float(w)), round(float(h))))) for w, h in pages}
    assert sides == {A4}


@pytest.mark.parametrize("name", NAMES)
def test_texts_and_tables_are_read_as_they_were_written(letters: Path, name: str) -> None:
    written, read = (
        docx.Document(str(letters / part / f"{name}.docx")) for part in ("", "out")
    )  # fmt: skip
    texts = [[p.text for p in file.paragraphs if p.text] for file in (written, read)]
    assert texts[0] == texts[1]
    tables = [
        [[cell.text for cell in row.cells] for table in file.tables for row in table.rows]
        for file in (written, read)
    ]
    assert tables[0] == tables[1]
