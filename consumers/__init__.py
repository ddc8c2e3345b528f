"""Records in the log what one-stop systems send: files, Kafka topics and commands.

``intake`` validates the form of messages, ``store`` keeps the log, ``kafka`` reads and writes
topics, and ``desk`` carries out commands.
"""
