"""The read-only API: every published mart as JSON and CSV, from its contract."""
