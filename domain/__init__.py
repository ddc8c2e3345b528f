"""The domain: events, rules and accounts of dossiers.

It is pure: it reads no clock, does no I/O, and knows no database and no compiler.
"""
