"""Reads what people give beside the events: registries, profiles, published figures, scenarios."""
