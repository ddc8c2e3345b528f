"""Takes events over HTTP: reads calls, records their events, and tells the verdict on each.

This package knows what the calls mean, and no web framework: ``tools/serve/receive.py`` puts it
behind addresses. docs/HTTP.md says how a one-stop system sends.
"""
