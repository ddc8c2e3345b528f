"""The Vietnamese alphabet orders all texts, and orders names as a dictionary does."""

from random import Random
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.alphabet import alphabetical

DICTIONARIES = (
    ("An toàn", "Ăn uống", "Âm nhạc", "Báo chí", "Dân số", "Dược", "Đất đai", "Đầu tư"),
    ("Đấu thầu", "Đường bộ", "Giáo dục", "Hộ tịch", "Hội", "Văn hóa", "Xây dựng", "Y tế"),
    ("ma", "mà", "mả", "mã", "má", "mạ", "mai", "man", "măn", "mân", "mận", "me", "mẹ", "mê"),
    ("to", "tọ", "toa", "tô", "tổ", "tơ", "tợ", "tu", "tụ", "tư", "tự", "ty"),
    ("Hộ kinh doanh", "Hộ tịch", "Hộ tịch 2", "Hộ tịch khác", "Hồi", "Hội"),
    ("", "1", "12", "2", "A", "B", "D", "Đ", "E"),
    ("H52", "H52.01", "H52.01.02", "H52.02", "H521", "HA"),
)
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# No tone, huyền, hỏi, ngã, sắc, nặng:
SIGNS = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
SPELLED = st.lists(st.tuples(st.sampled_from("aăâeêioôơuưy"), st.sampled_from(SIGNS)), max_size=4)
TEXTS = st.one_of(st.text(), st.text(ALPHABET + "ĐƯáạ \u0301", max_size=4))


@pytest.mark.parametrize("names", DICTIONARIES, ids=lambda names: names[1])
@given(st.randoms(use_true_random=False))
def test_names_stand_as_in_a_dictionary(names: tuple[str, ...], random: Random) -> None:
    shuffled = random.sample(names, len(names))
    assert sorted(shuffled, key=alphabetical) == [*names]


@given(TEXTS, TEXTS)
def test_of_two_different_texts_one_stands_first(one: str, other: str) -> None:
    keys = alphabetical(one), alphabetical(other)
    assert (keys[0] == keys[1]) == (one == other)
    assert (keys[0] < keys[1]) + (keys[1] < keys[0]) == (one != other)


@given(SPELLED, SPELLED)
def test_letters_count_first_and_tones_last(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    places = [
        ([ALPHABET.index(letter) for letter, _ in word], [SIGNS.index(tone) for _, tone in word])
        for word in (one, other)
    ]
    texts = ["".join(letter + tone for letter, tone in word) for word in (one, other)]
    for form in ("NFC", "NFD"):
        keys = [alphabetical(normalize(form, text)) for text in texts]
        assert (keys[0] < keys[1]) == (places[0] < places[1])


@given(SPELLED)
def test_capitals_and_composed_letters_differ_only_as_the_last_criterion(
    word: list[tuple[str, str]],
) -> None:
    text = "".join(letter + tone for letter, tone in word)
    for same in (text.upper(), normalize("NFC", text), normalize("NFD", text)):
        assert alphabetical(same)[:2] == alphabetical(text)[:2]
