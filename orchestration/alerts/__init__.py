"""What somebody has to be told at night, decided from the record and sent once.

No Dagster in here: runs and sensors call outbox.py, and never fail because of it.
"""
