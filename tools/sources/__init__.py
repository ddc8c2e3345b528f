"""The ways to a history: a file, a store, an archive, or several of them added up.

``opening.open_source`` makes a ``Source`` of what a person wrote; commands and jobs know nothing
else of where events come from. A further kind of source is one class, and one line there.
"""
