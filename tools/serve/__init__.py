"""Serves an office's figures as web pages, and takes events over HTTP: ``hoso serve``."""
