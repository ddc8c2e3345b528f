"""The forms that offices file: II.06a, and 07a, 07b, 07c since 1 August 2026."""
