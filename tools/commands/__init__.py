"""The commands of ``hoso``: each reads its options, calls a job and prints its result."""
