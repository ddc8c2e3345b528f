"""The report of integrity (dấu hiệu bất thường): what only looks on time, and what it comes to.

``tally`` counts what the checks saw, body by body; ``tables`` has what the report shows of it,
``charts`` its pictures, ``report`` puts them together. ``projections.integrity``
finds it.
"""
