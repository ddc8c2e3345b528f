"""Refuses requests that another site makes a visitor's browser send (forgery, CSRF).

A request that changes something must come from a page of this server: ``Origin`` and
``Sec-Fetch-Site``, which browsers add and pages cannot forge, must not say otherwise. A form must
also bring the token that its page had. What is no form (JSON) needs no token: before a browser
sends it for another site it asks this server, which never agrees.

Requests with a bearer token are exempt: no browser adds one by itself.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES: Final = frozenset({"same-origin", "none"})  # none: the visitor typed the address
URL_ENCODED: Final = "application/x-www-form-urlencoded"
# What a form can send, and so any site: without a Content-Type as well.
FORM_TYPES: Final = frozenset({URL_ENCODED, "multipart/form-data", "text/plain", ""})
FIELD: Final = "form_token"
KEY_BYTES: Final = 32
MOST_FIELDS: Final = 200


class FormTokens:
    """Makes the tokens of forms: hashes of a browser's cookie, by a key of this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(KEY_BYTES)

    def of(self, cookie: str) -> str:
        """The token for the forms of a browser with a cookie."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def fits(self, token: str, cookie: str) -> bool:
        """Whether a form's token is that of a browser with a cookie."""
        return hmac.compare_digest(token.encode(errors="replace"), self.of(cookie).encode())


def comes_from_elsewhere(headers: Mapping[str, str], origin: str) -> bool:
    """Whether a browser says that a request comes from a page of another site.

    ``headers`` has lower-case names; ``origin`` is this server's own, ``https://hoso.example``.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in OWN_SITES:
        return True
    told = headers.get("origin")
    return told is not None and told != origin


def is_form(headers: Mapping[str, str]) -> bool:
    """Whether the body of a request is of a kind that any site can make a browser send."""
    return media_type(headers) in FORM_TYPES


def media_type(headers: Mapping[str, str]) -> str:
    """The type of a body, without its parameters; empty if the request does not say."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def token_in(body: bytes) -> str:
    """The token in the body of a form; empty without one, or with several."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    found = fields.get(FIELD, [])
    return found[0] if len(found) == 1 else ""
