"""The Vietnamese alphabet (bảng chữ cái): the order of names in reports and forms; bare letters.

đ stands after d, and ư after u. Tones count only where all letters are the same. The order of code
points puts "Đất đai" after "Xây dựng". The order does not depend on the machine's locale.
"""

from typing import Final
from unicodedata import category, normalize

LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
LAST_CODE_POINT: Final = 0x10FFFF
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")  # à ả ã á ạ come after a
PLACES: Final = {  # of a letter with its tone: the place of the letter, and that of the tone
    normalize("NFC", letter + tone): (LAST_CODE_POINT + place, number)
    for place, letter in enumerate(LETTERS, 1)
    for number, tone in enumerate(TONES)
}

MARK: Final = "Mn"  # the category of marks over and under letters

Key = tuple[list[int], list[int], str]


def alphabetical(text: str) -> Key:
    """The sort key of a text: its letters, then its tones, then its code points.

    Capitals count as small letters. All other characters, such as blanks and digits, stand before
    letters, by their code points.
    """
    places = [PLACES.get(char, (ord(char), 0)) for char in normalize("NFC", text.lower())]
    return [letter for letter, _ in places], [tone for _, tone in places], text


def without_marks(text: str) -> str:
    """A text in small letters, without marks over and under letters: ``dat dai`` of ``Đất đai``."""
    letters = normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in letters if category(letter) != MARK)
