"""Great Expectations suites as code, and one function that runs them.

Plain facts come in, plain verdicts go out. No Dagster, no settings and no SQL that
changes anything in here. Importing this package does not import Great Expectations,
which costs seconds; building or running a suite does.
"""

from expectations.extract_facts import ExtractFacts
from expectations.extract_gate import STRUCTURAL, extract_suite
from expectations.mart_facts import Accounted, Mart, MartFacts
from expectations.mart_gate import mart_suites
from expectations.running import preload, run_suites
from expectations.thresholds import ThresholdError, Thresholds, read_thresholds
from expectations.verdicts import Verdict

__all__ = [
    "STRUCTURAL",
    "Accounted",
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
