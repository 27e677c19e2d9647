"""The dashboard: the published marts as pages that a hospital's board can read."""
