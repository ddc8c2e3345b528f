"""From the log to the figures: columns, fold, ledger, statement. Data runs one way."""
