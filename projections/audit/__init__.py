"""Audits a published report: which of its figures agree with each other, and which do not.

The package reads no files. ``tools.inputs.published`` reads the report and its tables;
``checks.audit_report`` runs all checks on them.
"""
