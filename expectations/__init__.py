"""Great Expectations suites as code, and one function that runs them.

Plain facts come in, plain verdicts go out. No Dagster, no settings and no SQL that
changes anything in here. Great Expectations, which costs seconds to import, is never in
the process that asks, but in one of its own.
"""

from expectations.asking import preload, run_suites
from expectations.extract_facts import ExtractFacts
from expectations.extract_gate import STRUCTURAL, extract_suite
from expectations.mart_facts import Accounted, ChangedRows, Mart, MartFacts
from expectations.mart_gate import mart_suites
from expectations.thresholds import ThresholdError, Thresholds, read_thresholds
from expectations.verdicts import Verdict

__all__ = [
    "STRUCTURAL",
    "Accounted",
    "ChangedRows",
    "ExtractFacts",
    "Mart",
    "MartFacts",
    "ThresholdError",
    "Thresholds",
    "Verdict",
    "extract_suite",
    "mart_suites",
    "preload",
    "read_thresholds",
    "run_suites",
]
