"""Do the pages look as they did when somebody last looked at them?

Each page has a picture in ``tests/data/pictures``, at both widths, in one font. A page may differ
from it as much as softer letters make it differ: a block that moved is told. Renew the pictures
with ``HOSO_RENEW_PICTURES=1 pytest tests/e2e/serve/test_pages_look_as_they_did.py``, look at them,
and commit them.
"""

import io
import os
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from hoso.projections.log.schema import Integers
from tests.browsing import WIDTHS
from tests.pages import OF_INTAKE, PAGES
from tests.services.required import need
from tests.serving import Server

PICTURES: Final = Path(__file__).parents[2] / "data" / "pictures"
RENEW: Final = "HOSO_RENEW_PICTURES"
TALLEST: Final = 1_600  # pixels: what comes further down is like what is above
SCALE: Final = 2  # pictures are kept at half their size
GREYS: Final = 16
BLOCK: Final = 8  # pixels of a picture that are compared together
OTHER: Final = 28  # of 255: how much a block may differ
MOST_OTHER: Final = 0.02  # the share of blocks with ink that may differ more
BLANK: Final = 250  # of 255: from here on a block has no ink
MOST_BYTES: Final = 2_000_000
FONT: Final = "DejaVu Sans"
SAMPLE: Final = ("Hồ sơ quá hạn 0123456789", 444.5)  # a text, and its width at 32 pixels
# What depends on today, or on the machine.
MASKED: Final = ".ends, .command, #status td, #status th, .when, .facts"


def picture(page: Page) -> Image.Image:
    """A page as it looks, in a few greys."""
    for found in page.locator(MASKED).all():
        found.evaluate("(element) => { element.style.visibility = 'hidden' }")
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
    shot = shot.crop((0, 0, shot.width, min(shot.height, TALLEST)))
    small = shot.resize((shot.width // SCALE, shot.height // SCALE), Image.Resampling.BOX)
    return small.quantize(GREYS)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of the blocks with ink in which two pictures differ: from 0 to 1."""
    size = max(one.width, other.width), max(one.height, other.height)
    a, b = (_blocks(each, size) for each in (one, other))
    has_ink = (a < BLANK) | (b < BLANK)
    return float((np.abs(a - b) > OTHER).sum() / max(has_ink.sum(), 1))


def _blocks(picture: Image.Image, size: tuple[int, int]) -> Integers:
    """How light each block of a picture is; beyond its edges it is white."""
    whole = Image.new("L", size, 255)
    whole.paste(picture.convert("L"), (0, 0))
    blocks = whole.resize((size[0] // BLOCK, size[1] // BLOCK), Image.Resampling.BOX)
    return np.asarray(blocks).astype(np.int64)


def looked_at(browser: Browser, address: str, width: int) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, locale="vi-VN", color_scheme="light"
    )
    page.goto(address)
    page.evaluate(f"document.body.style.fontFamily = '{FONT}'")
    measured = "([t, f]) => { const c = document.createElement('canvas').getContext('2d');"
    measured += " c.font = `32px '${f}'`; return c.measureText(t).width }"
    width_here = page.evaluate(measured, [SAMPLE[0], FONT])
    if abs(width_here - SAMPLE[1]) > 2:
        need("dejavu", f"the font {FONT} is another one here: {width_here} pixels")
    return page


def compare(browser: Browser, address: str, name: str, width: int) -> None:
    """Compare a page with its picture, or renew the picture."""
    page, file = looked_at(browser, address, width), PICTURES / f"{name}-{width}.png"
    now = picture(page)
    page.close()
    if os.environ.get(RENEW):
        now.save(file, optimize=True)
    assert file.exists(), f"there is no {file.name}: {RENEW}=1 makes it; look at it"
    share = difference(Image.open(file), now)
    if share > MOST_OTHER:
        now.save(other := Path(f"/tmp/{file.name}"))
        pytest.fail(
            f"{address} looks otherwise in {share:.1%} of its blocks: {file} and {other}. "
            f"If it should, run this test with {RENEW}=1, look at the picture, and commit it"
        )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(browser: Browser, server: Server, name: str, width: int) -> None:
    compare(browser, server.address + PAGES[name], name, width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", OF_INTAKE)
def test_a_page_of_intake_looks_as_it_did(
    browser: Browser, intake: Server, name: str, width: int
) -> None:
    compare(browser, intake.address + OF_INTAKE[name], name, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_block_that_moved_is_told_and_a_softer_letter_is_not(
    browser: Browser, server: Server, width: int
) -> None:
    page = looked_at(browser, server.address + PAGES["compare"], width)
    before = picture(page)

    def with_style(selector: str, name: str, value: str) -> float:
        """How much the page differs while an element has a style."""
        page.evaluate(
            "([css, n, v]) => document.querySelector(css).style.setProperty(n, v)",
            [selector, name, value],
        )
        found = difference(before, picture(page))
        page.evaluate(
            "([css, n]) => document.querySelector(css).style.removeProperty(n)", [selector, name]
        )
        return found

    assert with_style("body", "color", "#333a45") < MOST_OTHER
    assert with_style("main", "letter-spacing", "0.005em") < MOST_OTHER
    assert with_style(".question", "margin-top", "3rem") > MOST_OTHER
    assert with_style(".box", "margin-left", "6rem") > MOST_OTHER
    assert with_style("h1", "font-size", "3rem") > MOST_OTHER
    page.close()


def test_the_pictures_are_small_and_none_is_of_a_page_that_is_gone() -> None:
    files = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert {*files} == {f"{n}-{w}.png" for n in (*PAGES, *OF_INTAKE) for w in WIDTHS}
    assert sum(files.values()) < MOST_BYTES
