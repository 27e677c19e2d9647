"""Simulated extracts that several tests read."""

import pytest
from simulated_extracts import END, Tables, read

from simulator import SimulatedExtract, simulate


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Tables:
    """90 days of a branch of 120 beds, without dirt."""
    out = tmp_path_factory.mktemp("clean")
    return read(simulate(out, end=END, dirt=0).folder)


@pytest.fixture(scope="session")
def dirty(tmp_path_factory) -> SimulatedExtract:
    """The same hospital with the default dirt."""
    return simulate(tmp_path_factory.mktemp("dirty"), end=END)
