"""The room that knows all others: the Dagster code location and the command line."""
