"""What is computed once and kept on disk, so that the next run need not compute it again.

``kinds`` lists everything that is ever kept: what it is, where it stands, which packages make it,
and how many of it stay. ``fingerprint`` names an entry by all that it depends on, the sources of
those packages included. ``seal`` notices a changed byte. ``shelf`` is the one way to read and
write entries; ``user_folder`` is the shelf of this user, and stores and archives have shelves of
their own (``consumers.store.log``, ``projections.archive.shelf``).

Nothing in a cache is ever the only copy: an entry that is missing, damaged or of another
fingerprint is computed again, and where it cannot be written the answer is the same.
``hoso cache`` shows sizes and clears.
"""
