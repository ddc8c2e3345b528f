"""What reports are made from: the figures of a period by body, and what people enter."""
