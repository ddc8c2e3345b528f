"""Integrity: patterns that make figures better than the work was, found in the lives of dossiers.

``checks`` are the checks as data, ``life_facts`` what they read of events, ``parts`` what they
find in some lives, ``unusual`` what only many dossiers together show, ``chains`` dossiers that were
entered again, and ``findings`` the result for a window. ``kernels.checks`` has one function for
each check; ``archive.integrity`` runs them over an archive.

No check accuses anybody: each says what it saw, and which innocent causes that may have.
"""
