"""The heavy work on Apache Spark: raw goes there, the marts come back.

Needs the extra `spark`; nothing in here is imported unless WARDLINE_ENGINE names it.
"""
