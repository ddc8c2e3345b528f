"""The letter: a document as it is signed and sent, with its tables as annexes."""
