"""Turns the rows of a dossier register (sổ theo dõi hồ sơ) into events.

``columns`` finds the columns by their headings, ``cells`` reads cells, ``rows`` makes facts of a
row, and ``lives`` the events that a dossier's facts call for. ``profiles`` has maps of columns and
the words of registers. docs/VAN-PHONG.md tells how a register is imported."""
