"""The store: a log of events in SQLite or PostgreSQL, with rejects and the offsets of streams."""
