"""Adds to each answer the headers that tell a browser what it must not do.

No page runs or shows anything but this server's own files; no other site frames a page, reads it,
or learns its address; no cache keeps it unless the answer itself allows that.
"""

from typing import Final

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ALWAYS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
ENCRYPTED_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
OWN_CHOICE: Final = frozenset({b"cache-control"})  # an answer may say otherwise itself

Headers = list[tuple[bytes, bytes]]


def protected(headers: Headers, *, encrypted: bool) -> Headers:
    """The headers of an answer, with those that protect. ``encrypted``: visitors use HTTPS."""
    own = {name.lower() for name, _ in headers}
    added = (*ALWAYS, ENCRYPTED_ONLY) if encrypted else ALWAYS
    names = {name for name, _ in added} - OWN_CHOICE
    kept = [header for header in headers if header[0].lower() not in names]
    return kept + [
        header for header in added if header[0] not in OWN_CHOICE or header[0] not in own
    ]
