"""The log as columns: reads events from JSON, packs them, and puts them into lives."""
