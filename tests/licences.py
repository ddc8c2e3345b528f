"""Lists the licence of every package that is installed beside hoso; GPL and AGPL are refused.

``make licences`` prints the list. LGPL is allowed: hoso imports such packages and changes none.
"""

import re
import sys
from collections.abc import Sequence
from importlib.metadata import PackageMetadata, distributions
from typing import Final, NamedTuple

REFUSED: Final = re.compile(r"(?<!Lesser )\b(General Public License)|\bA?GPL", re.IGNORECASE)

# Packages whose metadata name no licence, and what the file LICENSE in them says.
IN_A_FILE: Final = {"axe-playwright-python": "MIT License"}


class Licence(NamedTuple):
    """A package, its version, and what it says of its licence."""

    package: str
    version: str
    text: str

    @property
    def refused(self) -> bool:
        """Whether hoso may not depend on the package: it is under GPL or AGPL, or does not say."""
        return not self.text or REFUSED.search(self.text) is not None


def licences() -> Sequence[Licence]:
    """The licence of each package of this environment, by name."""
    found = {d.name: Licence(d.name, d.version, stated(d.metadata)) for d in distributions()}
    return sorted(found.values(), key=lambda each: each.package.lower())


def stated(metadata: PackageMetadata) -> str:
    """What a package says: a licence expression, else its classifiers, else a line of free text."""
    classified = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or []
        if text.startswith("License ::")
    ]
    free_text = (metadata.get_all("License") or [""])[0].split("\n")[0]
    expression = (metadata.get_all("License-Expression") or [""])[0]
    in_a_file = IN_A_FILE.get(metadata["Name"], "")
    return expression or ", ".join(classified) or free_text or in_a_file


def main() -> int:
    """Print the list; 1 if any is refused."""
    for licence in licences():
        mark = "   REFUSED" if licence.refused else ""
        sys.stdout.write(f"{licence.package} {licence.version}: {licence.text}{mark}\n")
    return int(any(licence.refused for licence in licences()))


if __name__ == "__main__":
    sys.exit(main())
