"""What serves people and systems: the read-only API and the dashboard.

Belongs here: reading published marts through PostgreSQL's own permissions and showing
them. Nothing is computed that a mart or its definition does not promise.
"""
