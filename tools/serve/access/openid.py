"""Lets people log in at the office's own provider of identities, by OpenID Connect (Authlib).

The file of ``--openid`` names the provider, and what people are granted by their groups:

    issuer: https://id.example.vn/realms/tinh
    client_id: hoso
    client_secret: …              # without it, the client is a public one
    scope: openid profile         # this is the default
    name: preferred_username      # the claim with the name; this is the default
    groups: groups                # the claim with the groups; realm_access.roles is one in another
    grants:
      so-tu-phap: {roles: [reader], bodies: [H14.05]}

A login asks for a code with PKCE, and for a token of identity with a nonce. The token's signature,
issuer, audience, time and nonce are checked. What began in one browser ends in no other one.
"""

from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from hoso.tools.serve.access import grants
from hoso.tools.serve.access.addresses import is_loopback
from hoso.tools.serve.access.grants import Grant, granted, group_grants, read_private
from hoso.tools.serve.access.sessions import Person
from hoso.tools.serve.access.visitor import Visitor

OPTION: Final = "--openid"
FIELDS: Final = ("issuer", "client_id", "client_secret", "scope", "name", "groups", "grants")
DEFAULTS: Final = {
    "scope": "openid profile",
    "name": "preferred_username",
    "groups": "groups",
}
DISCOVERY: Final = "/.well-known/openid-configuration"
TIMEOUT_S: Final = 10.0
MOST_PENDING: Final = 5_000  # logins that have begun; at more, the oldest is forgotten


class LoginFailed(Exception):
    """A login at the provider that came to nothing; the text says why, without secrets."""


class OpenIdSettings(NamedTuple):
    """The provider, this server as its client, the claims, and what groups are granted."""

    issuer: str
    client_id: str
    client_secret: str | None
    scope: str
    name: str
    groups: str
    grants: Mapping[str, Grant]

    def visitor(self, person: Person) -> Visitor | None:
        """The visitor that a person is; None for one of no group that the file has."""
        found = granted(self.grants, person.groups)
        return found.visitor(person.name) if found else None

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Whom claims name. Raises ``LoginFailed`` where they name nobody."""
        name = _claim(claims, self.name)
        if not isinstance(name, str) or not name.strip():
            raise LoginFailed(f"the token has no claim {self.name}")
        groups = _claim(claims, self.groups)
        listed = groups if isinstance(groups, list) else [groups]
        belongs_to = [each for each in listed if isinstance(each, str)]
        return Person(name.strip()[: grants.MAX_TEXT], tuple(belongs_to))


class OpenId:
    """Logins at one provider."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self.settings = settings
        self._pending: OrderedDict[str, dict[str, Any]] = OrderedDict()  # by browsers' cookies

    async def begin(self, cookie: str, back: str, onward: str) -> str:
        """The address of the provider to which a browser goes to log in. ``cookie`` names the
        browser; ``back`` is where the provider sends it back to, and ``onward`` where it goes
        then. Raises ``LoginFailed`` where the provider cannot be asked."""
        pending = self._pending.setdefault(cookie, {})
        self._pending.move_to_end(cookie)
        if len(self._pending) > MOST_PENDING:
            self._pending.popitem(last=False)
        try:
            await self._check_issuer()
            made = await self._client.create_authorization_url(back)
            await self._client.framework.set_state_data(
                pending, made["state"], {"back": back, "onward": onward, **made}
            )
        except Exception as error:  # of Authlib, httpx, joserfc: they share no class
            raise LoginFailed(_shown(error)) from error
        return str(made["url"])

    async def finish(self, cookie: str, code: str, state: str) -> tuple[Person, str]:
        """Who logged in, when a browser comes back with a code; and where it goes on to. Raises
        ``LoginFailed``."""
        pending = self._pending.pop(cookie, {})
        data = await self._client.framework.get_state_data(pending, state)
        if not data or not code:
            raise LoginFailed("this login did not begin in this browser, or it took too long")
        try:
            await self._check_issuer()
            token = await self._client.fetch_access_token(
                redirect_uri=data["back"],
                code=code,
                code_verifier=data["code_verifier"],
            )
            claims = await self._client.parse_id_token(
                token, nonce=data["nonce"], claims_options=self._wanted()
            )
        except Exception as error:  # of Authlib, httpx, joserfc: they share no class
            raise LoginFailed(_shown(error)) from error
        if not claims:
            raise LoginFailed("the provider sent no token of identity")
        return self.settings.person(claims), data["onward"]

    @cached_property
    def _client(self) -> Any:
        """Authlib's client. It takes time to import, so it is made at the first login."""
        from authlib.integrations.starlette_client import OAuth

        settings = self.settings
        return OAuth().register(
            "provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=settings.issuer.removesuffix("/") + DISCOVERY,
            client_kwargs={
                "scope": settings.scope,
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_S,
            },
        )

    async def _check_issuer(self) -> None:
        """Refuse a provider that calls itself otherwise than the file does."""
        metadata = await self._client.load_server_metadata()
        if metadata.get("issuer") != self.settings.issuer:
            raise LoginFailed(f"the provider is not the issuer {self.settings.issuer}")

    def _wanted(self) -> dict[str, Any]:
        """What must hold of a token: it is of this issuer, for this client."""
        return {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }


def read_openid(name: str) -> OpenIdSettings:
    """The settings in a file. Raises ``UserError``, which names the line."""
    outline, tree = read_private(OPTION, name)
    given = {**DEFAULTS, **grants.table(outline, tree, (), FIELDS)}
    texts = {
        key: grants.text(outline, given.get(key), (key,))
        for key in ("issuer", "client_id", "scope", "name", "groups")
    }
    secret = given.get("client_secret")
    parts = urlsplit(texts["issuer"])
    on_this_computer = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not on_this_computer:
        raise outline.fault(("issuer",), "is no address with https://: write that of the provider")
    if "openid" not in texts["scope"].split():
        raise outline.fault(("scope",), "has no openid: write openid profile")
    return OpenIdSettings(
        texts["issuer"],
        texts["client_id"],
        None if secret is None else grants.text(outline, secret, ("client_secret",)),
        texts["scope"],
        texts["name"],
        texts["groups"],
        group_grants(outline, given.get("grants"), ("grants",)),
    )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of a path (``realm_access.roles``); None without it."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _shown(error: Exception) -> str:
    """What went wrong, without what was sent: an error of a library may hold a code or a token."""
    return str(error) if isinstance(error, LoginFailed) else type(error).__name__
