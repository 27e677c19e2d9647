"""Extracts that are read from a live database instead of files.

Belongs here: addresses, sessions, reading and what can go wrong with them. What becomes
of the rows after landing is the same as for files.
"""
