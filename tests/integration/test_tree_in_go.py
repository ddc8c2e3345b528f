"""Are the tree, its tiles and proofs, and signed checkpoints what another implementation makes of
the same leaves? Go's module checksum database is a log of the same kind."""

from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.checkpoints import sign_checkpoint
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.engine import LOCAL
from tests.proved import events, give, verified
from tests.services import tlog
from tests.services.required import Missing, need

KEY = SigningKey("so-tu-phap", Ed25519PrivateKey.generate())


def text(raw: bytes) -> str:
    return b64encode(raw).decode()


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    try:
        tlog.checker()
    except Missing as missing:
        need("go", str(missing))
    url = f"sqlite:///{tmp_path_factory.mktemp('go')}/hoso.db"
    give(url, events(700))
    source = open_source([url], Options(LOCAL))
    signed = sign_checkpoint(source, KEY)
    leaves = verified(url).tree.leaves
    shelf = source.proofs()
    places = [(level, number) for level in range(3) for number in range(3)]
    return {
        "Leaves": [text(leaf.tobytes()) for leaf in leaves],
        "Root": text(signed.checkpoint.root),
        "Index": 640,
        "Inclusion": [text(each) for each in signed.tree.inclusion(640)],
        "Old": 513,
        "OldRoot": text(signed.tree.root(513)),
        "Consistency": [text(each) for each in signed.tree.consistency(513)],
        "Tiles": [
            {"Level": level, "Number": number, "Body": text(body)}
            for level, number in places
            if (body := shelf.tile(level, number))
        ],
        "Note": signed.note,
        "Text": signed.checkpoint.text(),
        "Key": str(KEY.public),
    }


def test_go_finds_nothing_wrong(question: dict[str, Any]) -> None:
    assert len(question["Tiles"]) == 4
    assert tlog.complaint(question) == ""


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"Root": text(bytes(32))}, "the root is"),
        ({"Index": 641}, "invalid transparency proof"),
        ({"Old": 514}, "invalid transparency proof"),
        ({"OldRoot": text(bytes(32))}, "invalid transparency proof"),
        ({"Tiles": [{"Level": 1, "Number": 0, "Body": text(bytes(32))}]}, "is another one"),
        ({"Text": "another\n700\n"}, "the note says"),
    ],
)
def test_go_finds_what_is_wrong(
    question: dict[str, Any], changed: dict[str, Any], complaint: str
) -> None:
    assert complaint in tlog.complaint(question | changed)


def test_go_finds_a_forged_signature(question: dict[str, Any]) -> None:
    forged = question["Note"].replace("\n700\n", "\n699\n")
    assert "invalid signature" in tlog.complaint(question | {"Note": forged})
