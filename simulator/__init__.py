"""A synthetic hospital information system that writes believable, dirty extracts.

Belongs here: what invents a hospital and writes it as a `his` extract. Does not belong
here: anything that reads an extract, or knows Wardline's warehouse, dbt or Dagster.
"""

from simulator.dirt import Dirt
from simulator.layout import LAYOUT
from simulator.nights import REGISTERS, VOID, VOID_MARKERS, Nights, simulate_nights
from simulator.poison import POISONS, poison
from simulator.simulation import SimulatedExtract, simulate

__all__ = [
    "LAYOUT",
    "POISONS",
    "REGISTERS",
    "VOID",
    "VOID_MARKERS",
    "Dirt",
    "Nights",
    "SimulatedExtract",
    "poison",
    "simulate",
    "simulate_nights",
]
