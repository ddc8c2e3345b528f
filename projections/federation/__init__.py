"""Federation: exported ledgers of many logs, added up. No event leaves the log that has it.

``exported`` is what an exported ledger is and how it is made, ``checks`` which add up and what they
can tell, ``answers`` how balance sheets are made of them, ``file`` how one is written and
read, ``signature`` who stands for it.
"""

from typing import Final

SUFFIX: Final = ".ledger"  # how the name of an exported ledger's file ends
