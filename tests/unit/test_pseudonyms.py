"""Does an erased code stay erased, in whichever spelling it comes again?"""

import json

import pytest

from hoso.consumers.store.pseudonyms import Pseudonyms, keyed_hash

HASHED = keyed_hash(b"key")
ERASED = "mã 0007"


@pytest.mark.parametrize(
    "again",
    [ERASED, " mã  0007 ", "mã\u00a00007", "ma\u0303 0007", "mã\u200b 0007", "mã 0007\ufeff"],
)
def test_a_code_that_was_erased_is_known_in_every_spelling(again: str) -> None:
    known = {Pseudonyms(HASHED, {}).hash_of("dossier", ERASED): "erased-1"}
    pseudonyms = Pseudonyms(HASHED, known)
    assert pseudonyms.known_as(again) == "erased-1"
    message = json.dumps({"subject": again}).encode()
    assert json.loads(pseudonyms.renamed(message)) == {"subject": "erased-1"}


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_a_text_of_blanks_is_nobodys_code(text: str) -> None:
    known = {Pseudonyms(HASHED, {}).hash_of("dossier", ERASED): "erased-1"}
    assert Pseudonyms(HASHED, known).of("dossier", text) is None
