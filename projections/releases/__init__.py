"""Reports as they were signed: what a release holds, and what stands behind it."""
