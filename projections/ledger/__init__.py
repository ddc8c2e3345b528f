"""The ledger: folds a log into moves between accounts, and answers from them.

``fold`` makes the journal, ``balances`` adds it up by slice, account and day, ``statement``
subtracts two balance sheets. ``drilldown``, ``explain``, ``register`` and ``quality`` say what
stands behind a figure.
"""
