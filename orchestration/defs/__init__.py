"""Dagster's definitions, thin: they say what runs when. Decisions are made elsewhere."""
