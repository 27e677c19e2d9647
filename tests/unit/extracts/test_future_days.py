"""Extracts that speak for a day that had not begun when they came."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from expectations import Thresholds
from orchestration.extracts.arrivals import Received
from orchestration.extracts.raw_tables import ensure_raw_tables
from orchestration.ingestion import ingest
from orchestration.steward import accept
from orchestration.warehouse import Warehouse

HEADER = "visit_id,ward,note\n"
BERLIN = ZoneInfo("Europe/Berlin")


class Hospital:
    """The clinic's drop folder, and nights that take in what lies there."""

    def __init__(self, clinic, warehouse: Warehouse) -> None:
        self.clinic, self.warehouse = clinic, warehouse
        self.root = clinic.folder
        # When a rejected batch came is told by the server, and its clock is the real
        # one: these are asked for as late as can be, or midnight comes in between.
        self.tonight = datetime.now(BERLIN).replace(hour=23, minute=30)
        self.today, self.tomorrow, self.in_ten_days = map(self.day, (0, 1, 10))
        ensure_raw_tables(clinic.connection, [clinic.contract])

    def day(self, days: int) -> str:
        """The day after so many nights, as a folder is named."""
        return f"{self.tonight + timedelta(days=days):%Y-%m-%d}"

    def put(self, day: str, *wards: str) -> None:
        self.clinic.folder = self.root / "clinic" / day
        self.clinic.folder.mkdir(parents=True, exist_ok=True)
        rows = (f"{n},{ward},\n" for n, ward in enumerate(wards, 1))
        (self.clinic.folder / "visits.csv").write_text(HEADER + "".join(rows))

    def night(self, after: timedelta = timedelta(), **own: float) -> list[str]:
        """Take in what lies there, tonight or after it; what stops a batch."""
        [outcome] = ingest(
            self.warehouse,
            [self.clinic.contract],
            Received(self.root),
            run_id="run-1",
            now=self.tonight + after,
            thresholds=Thresholds({"max_days_ahead": 10**6} | own),
            data_docs=self.root / "docs",
        )
        return [it.sentence for it in outcome.verdicts if it.stops]

    def wards(self) -> list[str]:
        return [ward for _, ward, _ in self.clinic.current()]

    def waiting(self) -> int:
        [[batch_id]] = self.clinic.rows(
            "select max(batch_id) from ops.batches where status = 'rejected'"
        )
        return batch_id


@pytest.fixture
def hospital(clinic, warehouse: Warehouse) -> Hospital:
    return Hospital(clinic, warehouse)


def test_today_s_extract_is_taken_in_before_the_day_is_over(hospital):
    hospital.put(hospital.today, "W1")
    assert hospital.night() == []
    assert hospital.wards() == ["W1"]


@pytest.mark.parametrize(("ahead", "days"), [(1, "1 day"), (10, "10 days")])
def test_a_day_that_has_not_begun_is_rejected_and_the_true_nights_count(
    hospital, ahead, days
):
    day = hospital.day(ahead)
    hospital.put(day, "W1")
    [sentence] = hospital.night()
    assert sentence.startswith(
        f"clinic: the extracts of {day} came on {hospital.today} by the hospital's"
        f" clock (WARDLINE_TIME_ZONE), {days} before the day they speak for;"
    )
    assert hospital.wards() == []
    for nights, ward in enumerate(("W2", "W3")):
        hospital.put(hospital.day(nights), ward)
        hospital.night(timedelta(days=nights))
        assert hospital.wards() == [ward]


def test_the_day_is_the_hospital_s_and_not_the_server_s(hospital):
    hospital.put(hospital.tomorrow, "W1")
    past_midnight = timedelta(hours=1)  # in UTC it is still today
    assert hospital.night(past_midnight) == []


def test_a_hospital_may_let_its_folders_be_a_day_ahead(hospital):
    hospital.put(hospital.tomorrow, "W1")
    assert hospital.night(max_days_in_future=1) == []
    hospital.put(hospital.in_ten_days, "W1")
    assert len(hospital.night(max_days_in_future=1)) == 1


def test_once_its_day_has_come_it_still_speaks_for_the_day_it_came_on(hospital):
    hospital.put(hospital.in_ten_days, "W1")
    assert hospital.night()
    assert hospital.night(timedelta(days=10))
    assert hospital.wards() == []


def test_a_steward_may_accept_it_all_the_same(hospital, clinic):
    hospital.put(hospital.tomorrow, "W1")
    hospital.night()
    accept(
        hospital.warehouse,
        {"clinic": [clinic.contract]},
        hospital.waiting(),
        reason="The branch is in Tokyo.",
        by="Ada",
        run_id="run-2",
    )
    assert hospital.wards() == ["W1"]
    assert hospital.night() == []
