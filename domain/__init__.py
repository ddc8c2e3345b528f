"""The rules of the dossier's life: pure, with no clock, no I/O, no database and no compiler."""
