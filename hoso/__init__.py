"""hoso keeps administrative dossiers as a ledger and states an office's figures from it.

>>> import hoso
>>> ledger = hoso.replay("archive", policy=hoso.Policy(supplement_limit=2))
>>> ledger.statement("2023-Q1", by=["agency"]).to_arrow()

The Python API is in ``hoso.api``. It is imported at the first use of one of its names: every module
of hoso imports this package first, and a command must start quickly.
"""

TYPE_CHECKING = False  # as in ``typing``, which takes longer to import than all of this

if TYPE_CHECKING:
    from hoso.api import Ledger, Policy, Statement, UserError, Window, replay

__all__ = ["Ledger", "Policy", "Statement", "UserError", "Window", "replay"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from hoso import api

        return getattr(api, name)
