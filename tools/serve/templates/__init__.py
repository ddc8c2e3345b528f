"""The templates of pages, in jinja2. ``base.html.jinja`` is the frame of all of them."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC: Final = Path(__file__).parents[1] / "static"

environment: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def static(name: str) -> str:
    """The address of a static file, with a digest: a browser keeps it until it changes."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


environment.globals["static"] = {
    name: static(name) for name in ("style.css", "page.js", "icon.svg")
}
