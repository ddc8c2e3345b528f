"""What is said to a person who asked for something that cannot be done?"""


class UserError(Exception):
    """The call or its input is wrong: one line that says what, where and how to mend it."""
