"""The inner loops: plain functions over arrays that run the rule book over every event.

``journal`` writes each move of each dossier, ``balances`` adds the moves up, ``register`` writes
how each dossier stands, ``findings`` what the checks of integrity find. They are ordinary Python.
``run`` decides for each call whether the interpreter runs them or machine code: ``compiler`` makes
it with numba, ``native`` keeps and loads it, and ``proof`` checks it against the interpreter before
it is used.
"""
