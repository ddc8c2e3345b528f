"""Audits filled-in forms: their equations, two periods, hoso's own form beside them."""
