"""Parts that tables of several reports share: rows of a balance, columns, charts."""
