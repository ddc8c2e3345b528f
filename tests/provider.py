"""A small provider of identities on loopback, for tests: discovery, codes with PKCE, tokens, keys.

What it does wrong is chosen by a test: ``faults`` change the token that it signs.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hoso", "the-secret-of-the-client"


class Provider:
    """The provider: who logs in there, what was asked of it, and what it does wrong."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"preferred_username": "lan", "groups": ["y-te"]}
        self.faults: dict[str, Any] = {}  # claims that are otherwise, or missing (None)
        self.signs_with_another_key = False
        self.key, self.other_key = (RSAKey.generate_key(2_048, {"kid": "k"}) for _ in range(2))
        self.codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def metadata(self) -> dict[str, Any]:
        """What discovery tells."""
        return {
            "issuer": self.faults.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes with a code."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["nonce"]
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{query}"

    def token(self, asked: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The token for a code; None for a call that is refused."""
        begun = self.codes.pop(asked.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if begun is None or authorization != f"Basic {login}":
            return None
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != begun["code_challenge"] or asked["redirect_uri"] != begun["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": begun["nonce"],
            **self.person,
            **self.faults,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.other_key if self.signs_with_another_key else self.key
        signed = jwt.encode({"alg": "RS256", "kid": "k"}, claims, key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider that answers while the block lasts."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.end_headers()
            elif parts.path == "/keys":
                self.tell({"keys": [provider.key.as_dict(private=False)]})
            else:
                self.tell(provider.metadata())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            found = provider.token(asked, self.headers.get("Authorization", ""))
            self.tell(found or {"error": "invalid_grant"}, 200 if found else 400)

        def tell(self, told: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tell nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
