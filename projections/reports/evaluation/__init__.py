"""How bodies and officials are scored: the index of Decision 766, the scorecard."""
