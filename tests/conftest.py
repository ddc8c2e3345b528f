"""How hard do the generated tests look? The same examples every time, or twenty times as many.

``HYPOTHESIS_PROFILE=thorough pytest tests/property`` draws new examples at each run.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "deterministic",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough",
    settings.get_profile("deterministic"),
    max_examples=2_000,
    derandomize=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "deterministic"))
