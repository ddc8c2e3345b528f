"""Does a page that is given away work by keyboard, with a way back, and on a phone?

A browser runs the page with a script that does what a person does, and writes what it saw.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.command import SPAN, asked
from tests.services.required import need

PATIENCE_S: Final = 60
DONE: Final = re.compile(r'<pre id="seen">(.*?)</pre>', re.DOTALL)
# Enter on a figure; back by the button, and again by the browser; a figure without a list.
STEPS: Final = """
const seen = {}, wait = () => new Promise((done) => setTimeout(done, 150));
const press = (cell, key) =>
  cell.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
addEventListener("load", async () => {
  const figure = document.querySelector("[data-held]"), list = document.getElementById("list");
  seen.reached = figure.tabIndex;
  figure.focus();
  press(figure, "Enter");
  await wait();
  seen.open = list.open;
  seen.fits = list.scrollWidth <= list.clientWidth;
  seen.figure = figure.textContent;
  seen.dossiers = list.querySelectorAll("tbody tr").length;
  seen.hash = location.hash;
  document.getElementById("back").click();
  await wait();
  seen.closed = !list.open;
  seen.focus = document.activeElement === figure;
  press(figure, " ");
  await wait();
  location.hash = ""; // as Back does
  await wait();
  seen.left = !list.open;
  const other = document.querySelector("td[title]:not([data-held])");
  press(other, "Enter");
  await wait();
  seen.call = document.querySelector("#behind code").textContent === other.title;
  document.body.style.width = "WIDTHpx";
  seen.wide = document.body.scrollWidth;
  const text = document.createElement("pre");
  text.id = "seen";
  text.textContent = JSON.stringify(seen);
  document.body.append(text);
});
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium")
    if found is None:
        need("chromium", "chromium is not here: apt install chromium")
    return found


def seen(browser: str, page: Path, width: int) -> Any:
    """What a script sees that does what a person does. A window is never narrower than 500 pixels;
    so the page gets its width, too."""
    scripted = page.with_name("scripted.html")
    text = page.read_text(encoding="utf-8")
    steps = STEPS.replace("WIDTH", str(width))
    scripted.write_text(text.replace("</body>", f"<script>{steps}</script></body>"), "utf-8")
    told = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"),
            *(f"--user-data-dir={page.parent}", f"--window-size={width},800", "--dump-dom"),
            scripted.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=PATIENCE_S,
    )
    [found] = DONE.findall(told.stdout.decode())
    return json.loads(found)


def test_a_list_opens_by_keyboard_and_leads_back_on_a_screen_and_on_a_phone(
    browser: str, tmp_path: Path
) -> None:
    asked(tmp_path, "simulate", *SPAN, "--dossiers", "600", "--seed", "3", "--out", "p.jsonl")
    asked(tmp_path, "report", "quarterly", "--source", "p.jsonl", "--window", "2023-Q1",
          "--out", "page.html")  # fmt: skip
    for width in (1280, 390):
        found = seen(browser, tmp_path / "page.html", width)
        assert found["reached"] == 0
        assert all(found[each] for each in ("open", "fits", "closed", "focus", "left", "call"))
        assert found["dossiers"] == int(found["figure"]) > 0
        assert found["hash"].startswith("#list-")
        assert found["wide"] <= width
