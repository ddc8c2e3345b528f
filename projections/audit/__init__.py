"""Does a published report hold? What follows from its own figures, and which of them do not.

Pure: it is given what the report says, and the rows of the tables beside it, and reads nothing.
"""
