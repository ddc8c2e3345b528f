"""The archive: a history as a folder of Parquet files, made to be replayed at volume.

``manifest`` says what an archive holds, ``files`` writes and reads its files, ``writer`` extends
it, ``conflicts`` is the index of the few events that cannot be judged alone. ``reader`` gives a
bucket's events, ``fold`` adds all buckets up into balance sheets, ``refresh`` brings balance sheets
forward by what is new, ``register`` makes the register, ``chosen`` reads some dossiers without the
others, and ``shelf`` keeps balance sheets beside the archive.

A bucket holds the dossiers of a range of keys, and a key stands for a dossier: so each dossier is
in one bucket, and buckets can be folded side by side, on the cores of a machine or on a cluster.
"""
