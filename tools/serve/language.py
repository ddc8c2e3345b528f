"""The language in which a visitor is answered: as the address says, or as the browser asks."""

import re
from typing import Final

from starlette.requests import Request

from hoso.projections.documents.model import Language
from hoso.tools.runtime import translation

PREFERRED: Final = re.compile(r"\b(vi|en)\b(?:[^,;]*;\s*q=([\d.]+))?", re.IGNORECASE)


def preferred(request: Request) -> Language:
    """The language that a visitor's browser asks for first; Vietnamese without one."""
    wanted = [
        (float(match[2] or 1), match[1].lower())
        for match in PREFERRED.finditer(request.headers.get("accept-language", "")[:200])
    ]
    wanted.sort(key=lambda each: -each[0])
    return "en" if wanted and wanted[0][1] == "en" else "vi"


def language_of(request: Request) -> Language:
    """The language in which a request is answered: that of the address, or the preferred one."""
    asked = request.query_params.get("lang")
    if asked in ("vi", "en"):
        return "en" if asked == "en" else "vi"
    return preferred(request)


def in_language(message: str, language: Language) -> str:
    """A message of the program in a language; it names a parameter, not the option of that name."""
    text = translation.catalogue().vietnamese(message) if language == "vi" else message
    return text.removeprefix("--")
