"""From a file in the drop folder to append-only rows in raw; no Dagster, no dbt."""
