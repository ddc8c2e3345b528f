"""Reports of a window: forms, evaluations and indices, made from balances and quality measures.

Each report is a module with a function ``report`` that returns a document
(``projections.documents.model``): ``ii06a``, ``quarterly``, ``annual``, ``index766``,
``scorecard`` and ``summary``. Their figures come from a ``cube.Cube``, which ``periods`` makes from
a ledger and ``archive_periods`` from an archive. How reports score and fold is data:
``profiles/*.yaml``.
"""
