"""Reports of a window: forms, evaluations and indices, made from balances and quality measures.

Each report is a module with a function ``report`` that returns a document
(``projections.documents.model``): ``quarterly``, ``annual``, ``summary``, ``reconciliation`` here,
the others in ``forms`` and ``evaluation``. Their figures come from a ``basis.cube.Cube``, which
``basis.periods`` makes from a ledger and ``basis.archive_periods`` from an archive. How reports
score and fold is data: ``profiles/*.yaml``.
"""
