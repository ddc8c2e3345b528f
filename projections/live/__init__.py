"""The live ledger: a folded log into which new events are folded one by one.

It remembers the clock of every dossier as a snapshot, so that an event in order costs a look-up and
one step of the rule book. Everything else (what comes late, twice, is taken back, or moves to
another agency) has its dossier replayed from the log. ``ledger`` does both, ``part`` is what some
dossiers come to, ``runs`` is how it is kept, ``files`` where, and ``proving`` compares it with a
fold from nothing.
"""
