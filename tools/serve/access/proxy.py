"""Believes a proxy about who asks, where the office's proxy logs people in (a trusted header).

The file of ``--proxy-users`` names the headers, and what people are granted by their groups:

    name: X-Forwarded-User
    groups: X-Forwarded-Groups    # names with commas between them
    grants:
      so-tu-phap: {roles: [reader], bodies: [H14.05]}

The headers count only in requests that come from an address of ``--behind-proxy``; from any other
address, a request that has one of them is refused.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.tools.serve.access import grants
from hoso.tools.serve.access.grants import Grant, granted, group_grants, read_private
from hoso.tools.serve.access.visitor import Visitor

OPTION: Final = "--proxy-users"
FIELDS: Final = ("name", "groups", "grants")


class ProxyUsers(NamedTuple):
    """The headers by which a proxy says who asks, in lower case, and what groups are granted."""

    name: str
    groups: str
    grants: Mapping[str, Grant]

    def visitor(self, headers: Mapping[str, str]) -> Visitor | None:
        """The visitor of a request that a proxy passed on; None if it names nobody, or somebody of
        no group that the file has."""
        name = headers.get(self.name, "").strip()
        belongs_to = {group.strip() for group in headers.get(self.groups, "").split(",")}
        found = granted(self.grants, belongs_to)
        return found.visitor(name[: grants.MAX_TEXT]) if name and found else None

    def is_named_in(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has one of the headers."""
        return self.name in headers or self.groups in headers


def read_proxy_users(name: str) -> ProxyUsers:
    """The headers and grants in a file. Raises ``UserError``, which names the line."""
    outline, tree = read_private(OPTION, name)
    grants.table(outline, tree, (), FIELDS)
    user, groups = (
        grants.text(outline, tree.get(key), (key,)).lower() for key in ("name", "groups")
    )
    if user == groups:
        raise UserError(f"{name}: name and groups are the same header; write two")
    return ProxyUsers(user, groups, group_grants(outline, tree.get("grants"), ("grants",)))
