"""Documents: what a report or an answer says, whatever paper it is printed on."""
