"""The error that a person reads: it has one line, and no traceback is shown for it."""


class UserError(Exception):
    """The call or its input is wrong. The text is one line: what, where, and how to mend it."""
