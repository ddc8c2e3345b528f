"""Recognises files that hold no messages at all, by their first bytes and lines.

Such a file is refused as a whole: each of its lines would be a reject, and may hold personal data.
A file with any line that may be JSON is read.
"""

from itertools import islice
from typing import Final

LOOKED_AT_BYTES: Final = 65_536
LOOKED_AT_LINES: Final = 10
SEPARATORS: Final = (b",", b";", b"\t")
BEGINNINGS: Final = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a spreadsheet, a document or another ZIP file",
    b"\xd0\xcf\x11\xe0": "an old file of Excel or Word",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"{\\rtf": "a document (RTF)",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "a text in UTF-16, not UTF-8",
    b"\xfe\xff": "a text in UTF-16, not UTF-8",
    b"7z\xbc\xaf": "an archive (7z)",
    b"Rar!": "an archive (RAR)",
}
MARK: Final = b"\xef\xbb\xbf"


def what_it_seems(beginning: bytes) -> str | None:
    """What a file seems to be that holds no messages; None for one that may hold some."""
    for magic, name in BEGINNINGS.items():
        if beginning.startswith(magic):
            return name
    start = beginning[:LOOKED_AT_BYTES].removeprefix(MARK)
    whole = len(start) == len(beginning.removeprefix(MARK))
    pieces = start.split(b"\n") if whole else start.split(b"\n")[:-1]
    lines = [*islice((line.strip() for line in pieces if line.strip()), LOOKED_AT_LINES)]
    if not lines or any(map(_may_be_json, lines)):
        return None
    if lines[0].startswith(b"<"):
        return "a page or a document (HTML or XML)"
    if len(lines) == 1:
        return None
    for separator in SEPARATORS:
        if len({line.count(separator) for line in lines}) == 1 and separator in lines[0]:
            return "a table (CSV)"
    if len(lines) < LOOKED_AT_LINES:
        return None
    return "binary" if any(b"\0" in line for line in lines) else "a text"


def _may_be_json(line: bytes) -> bool:
    """Whether a line may be meant for a message: an object, an array, or a part of one."""
    return line[:1] in (b"{", b"[", b"}", b"]") or (line.startswith(b'"') and b'":' in line)
