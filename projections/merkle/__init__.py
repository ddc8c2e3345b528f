"""Proves that a log is the log of then: a Merkle tree over its events, as certificate logs have it.

Nothing here reads a database or a file. What is kept beside a log stands on a shelf (``shelf``).
"""
