"""Backups of the warehouse: writing one, and putting it back.

What a backup holds and what has to be kept with it stands in docs/operations.md.
"""
