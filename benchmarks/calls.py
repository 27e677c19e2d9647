"""How long a program waits for the API, alone and among others, and what that holds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import quantiles
from time import perf_counter

import psutil
import requests

_ASKED = (
    "kpis/appointments",
    "kpis/branches_by_appointments",
    "kpis/doctors_by_appointments",
    "kpis/treatment_costs",
    "kpis/payment_mix",
    "kpis/gender_distribution",
    "kpis/patient_flow",
    "kpis/length_of_stay",
    "kpis/department_load",
    "marts/hospital_overview_daily?limit=100",
    "marts/bed_occupancy_daily?limit=100",
    "marts/fct_admissions?limit=100",
    "publication",
)


@dataclass(frozen=True)
class Calls:
    """Answers to clients that call all the time."""

    clients: int
    p50_ms: float
    p95_ms: float
    per_second: float
    failed: int


def measure_calls(url: str, clients: int, seconds: float) -> Calls:
    """Call the API from so many clients at once for so long."""
    begin = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        runs = pool.map(
            lambda client: [*_called(url, client, begin + seconds)], range(clients)
        )
        calls = [it for run in runs for it in run]
    spent = perf_counter() - begin
    percentiles = quantiles([it for it, _ in calls], n=100, method="inclusive")
    return Calls(
        clients=clients,
        p50_ms=1000 * percentiles[49],
        p95_ms=1000 * percentiles[94],
        per_second=len(calls) / spent,
        failed=sum(status != requests.codes.ok for _, status in calls),
    )


def resident_mib(process: int) -> float:
    """The memory that a process holds now."""
    return float(psutil.Process(process).memory_info().rss / 2**20)


def _called(url: str, client: int, end: float) -> Iterator[tuple[float, int]]:
    """Seconds and status of one call after the other, each client from another one."""
    with requests.Session() as session:
        for asked in islice(cycle(_ASKED), client % len(_ASKED), None):
            if perf_counter() > end:
                return
            start = perf_counter()
            status = session.get(f"{url}/api/v1/{asked}", timeout=60).status_code
            yield perf_counter() - start, status
