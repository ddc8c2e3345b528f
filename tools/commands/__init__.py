"""What each command of ``hoso`` does: from options to an answer. ``tools.cli`` lists them."""
