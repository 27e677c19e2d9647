"""Dagster's definitions, thin: what runs when. Decisions are made elsewhere."""
