"""Intake: validates messages by their form, records the events, and keeps the rest as rejects."""
