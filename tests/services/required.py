"""What becomes of a test whose real part (a broker, a database) is missing?

It is skipped with the reason, except where ``HOSO_REQUIRE=kafka,libreoffice`` names the part:
there it fails. A verdict that must cover everything names every part.
"""

import os
from typing import NoReturn

import pytest


class Missing(Exception):
    """A real part cannot be had on this machine."""


def need(part: str, reason: str) -> NoReturn:
    """End a test that cannot run without a part."""
    if part in os.environ.get("HOSO_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required, but {reason}", pytrace=False)
    pytest.skip(reason)
