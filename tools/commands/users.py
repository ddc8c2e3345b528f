"""The commands for those who may use hoso serve: users list, add, grant, password, token, revoke,
logout, remove."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands.parser import Command, CommandGroup
from hoso.tools.runtime.printable import say
from hoso.tools.runtime.translation import translated

if TYPE_CHECKING:
    from hoso.tools.serve.access.grants import Grant
    from hoso.tools.serve.access.users import User

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the user.")]
File = Annotated[
    str, typer.Option("--users", metavar="FILE", help="The file of users, for hoso serve.")
]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        metavar="ROLE",
        help="reader: sees figures and dossiers; analyst: also by other rules; operator: also "
        "mends rejects; publisher: sends events. It may be given several times.",
    ),
]
Bodies = Annotated[
    list[str] | None,
    typer.Option(
        "--body",
        metavar="CODE",
        help="A body of the registry: only its dossiers and those of bodies under it are seen. It "
        "may be given several times. Default: all.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--from-source",
        metavar="URI",
        help="A source: a publisher may send events of it only. It may be given several times. "
        "Default: all.",
    ),
]
USERS = "users.yaml"

app = typer.Typer(
    cls=CommandGroup,
    name="users",
    help="List, add, change and remove those who may use hoso serve.",
    rich_markup_mode=None,
)


@app.command("list", cls=Command)
def listed(file: File = USERS) -> None:
    """List the users: their roles, bodies, sources and tokens."""
    from hoso.tools.serve.access.users import read_users

    for user in read_users(file).by_name.values():
        say(f"{user.name}: {_described(user)}")


@app.command(cls=Command)
def add(
    name: Name,
    role: Roles,
    body: Bodies = None,
    from_source: Sources = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Ask for no password: a program has a token.")
    ] = False,
    file: File = USERS,
) -> None:
    """Add a user; asks for the password, or reads it from a line of standard input."""
    from hoso.tools.serve.access import users

    users.check_name(name)
    grant = _grant(role, body, from_source)
    with users.changing(file, new=True) as by_name:
        if name in by_name:
            raise UserError(f"{file}: has a user {name} already: hoso users grant changes it")
        password = None if no_password else users.hashed(_asked_password())
        by_name[name] = users.User(name, grant, datetime.now(UTC), password)
    say(f"{file}: {name} added")


@app.command(cls=Command)
def grant(
    name: Name,
    role: Roles,
    body: Bodies = None,
    from_source: Sources = None,
    file: File = USERS,
) -> None:
    """Set what a user may do and see, instead of what it was; at once, where it is logged in."""
    from hoso.tools.serve.access.users import changing

    granted = _grant(role, body, from_source)
    with changing(file) as by_name:
        by_name[name] = _one(by_name, file, name)._replace(grant=granted)
    say(f"{file}: {name} changed")


@app.command(cls=Command)
def password(name: Name, file: File = USERS) -> None:
    """Set a user's password, and end where it is logged in; asks for it, or reads a line."""
    from hoso.tools.serve.access.users import changing, hashed, read_users

    _one(read_users(file).by_name, file, name)
    new = hashed(_asked_password())
    with changing(file) as by_name:
        user = _one(by_name, file, name)
        by_name[name] = user._replace(password=new, since=datetime.now(UTC))
    say(f"{file}: {name} changed")


@app.command(cls=Command)
def token(
    name: Name,
    token_name: Annotated[
        str, typer.Option("--name", metavar="TOKEN", help="What the token is for.")
    ] = "token",
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day on which it is valid.")
    ] = None,
    file: File = USERS,
) -> None:
    """Make a bearer token for a program, and print it: it is shown this once."""
    from hoso.domain.windows import parse_day
    from hoso.tools.serve.access.users import changing, check_name, new_token

    try:
        last = None if until is None else parse_day(until)
    except ValueError as error:
        raise UserError(f"--until: {error}") from None
    secret, made = new_token(check_name(token_name), last)
    with changing(file) as by_name:
        user = _one(by_name, file, name)
        if any(each.name == token_name for each in user.tokens):
            raise UserError(f"{file}: {name} has a token {token_name}: give another --name")
        by_name[name] = user._replace(tokens=(*user.tokens, made))
    typer.echo(secret)


@app.command(cls=Command)
def revoke(
    name: Name,
    token_name: Annotated[str, typer.Argument(metavar="TOKEN", help="The name of the token.")],
    file: File = USERS,
) -> None:
    """Remove a token: it is worth nothing from now on."""
    from hoso.tools.serve.access.users import changing

    with changing(file) as by_name:
        user = _one(by_name, file, name)
        left = tuple(each for each in user.tokens if each.name != token_name)
        if len(left) == len(user.tokens):
            raise UserError(f"{file}: {name} has no token {token_name}: see hoso users list")
        by_name[name] = user._replace(tokens=left)
    say(f"{file}: {name} changed")


@app.command(cls=Command)
def logout(name: Name, file: File = USERS) -> None:
    """End a user's logins, wherever they are; tokens stay."""
    from hoso.tools.serve.access.users import changing

    with changing(file) as by_name:
        by_name[name] = _one(by_name, file, name)._replace(since=datetime.now(UTC))
    say(f"{file}: {name} is logged out")


@app.command(cls=Command)
def remove(name: Name, file: File = USERS) -> None:
    """Remove a user, with all its tokens; whoever is logged in by that name is out at once."""
    from hoso.tools.serve.access.users import changing

    with changing(file) as by_name:
        _one(by_name, file, name)
        del by_name[name]
    say(f"{file}: {name} removed")


def _one(by_name: "Mapping[str, User]", file: str, name: str) -> "User":
    if name not in by_name:
        raise UserError(f"{file}: has no user {name}: see hoso users list")
    return by_name[name]


def _grant(roles: list[str], bodies: list[str] | None, sources: list[str] | None) -> "Grant":
    """The grant that options describe. Raises ``UserError``."""
    from hoso.tools.serve.access.grants import Grant
    from hoso.tools.serve.access.visitor import Role

    for role in roles:
        if role not in {*Role}:
            raise UserError(f"--role: no role {role[:80]!r}: use {', '.join(Role)}")
    chosen = frozenset(map(Role, roles))
    if Role.PUBLISHER in chosen and bodies and not sources:
        raise UserError("--body: a publisher who is limited to bodies needs --from-source")
    return Grant(chosen, tuple(bodies) if bodies else None, tuple(sources) if sources else None)


def _asked_password() -> str:
    """A new password: typed twice on a terminal, else a line of standard input. No command line has
    it, because every process of the computer can read that."""
    from getpass import getpass

    from hoso.tools.serve.access.users import check_password

    if not sys.stdin.isatty():
        return check_password(sys.stdin.readline().rstrip("\r\n"))
    typed = check_password(getpass(translated("Password: ")))
    if getpass(translated("Once more: ")) != typed:
        raise UserError("the two passwords differ: try again")
    return typed


def _described(user: "User") -> str:
    """What a user may do and see, and its tokens, in one line."""
    parts = [", ".join(sorted(user.grant.roles))]
    if user.grant.bodies is not None:
        parts.append(f"bodies {', '.join(user.grant.bodies)}")
    if user.grant.sources is not None:
        parts.append(f"sources {', '.join(user.grant.sources)}")
    parts += [
        f"token {each.name}" + (f" until {each.until}" if each.until else "")
        for each in user.tokens
    ]
    return "; ".join(parts if user.password else [*parts, "no password"])
