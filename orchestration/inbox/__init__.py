"""A drop folder elsewhere (SFTP, S3), mirrored into the home night by whole night.

No Dagster in here. What the copies are read as, is extracts/'s, as of any local file.
"""
