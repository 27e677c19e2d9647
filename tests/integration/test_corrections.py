"""What the marts say after a HIS corrected itself: see docs/corrections.md.

The nights of one small hospital, each test about the night that its fixture published.
Files are taken from the drop folder once they are loaded.
"""

from collections.abc import Iterator

import pytest

from orchestration.warehouse import open_warehouse
from tests.conftest import Home
from tests.integration.corrected_hospital import Hospital

pytestmark = pytest.mark.long

STAY = (
    "select s.admitted_at::date::text, s.discharged_at::date::text, s.is_open,"
    " s.length_of_stay_nights, s.department_key, p.patient_id"
    " from intermediate.admissions a join marts.fct_admissions s using (admission_key)"
    " left join intermediate.patients p on s.patient_key = p.patient_key"
    " where a.admission_id = '{}'"
)


class Published:
    """The marts of one night, with the ids that only the warehouse knows."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def rows(self, query: str) -> list[tuple]:
        return self.home.rows(query, None)

    def one(self, query: str):
        [(value,)] = self.rows(query)
        return value

    def stay(self, admission_id: str) -> tuple | None:
        """Admitted, discharged, is_open, nights, department, patient; if it counts."""
        return next(iter(self.rows(STAY.format(admission_id))), None)

    def census(self, day: str) -> int:
        return self.one(
            "select sum(census_midnight) from marts.patient_flow_daily"
            f" where date_day = '{day}'"
        )

    def issues(self, issue: str) -> int:
        return self.one(
            f"select count(*) from marts.fct_quality_issues where issue = '{issue}'"
        )

    def of_patient(self, mart: str, patient_id: str) -> int:
        return self.one(
            f"select count(*) from marts.{mart} join intermediate.patients p"
            f" using (patient_key) where p.patient_id = '{patient_id}'"
        )


@pytest.fixture(scope="module")
def hospital(home: Home) -> Hospital:
    return Hospital(home.extracts)


@pytest.fixture(scope="module")
def before(home: Home, hospital: Hospital) -> Iterator[Published]:
    """10 March, as the HIS first told it."""
    hospital.admit("A1", "P1", "2026-03-03")  # still there
    hospital.put("admissions", "A9", admitted_at="2026-03-06 12:00:00")
    hospital.put("admissions", "A9", discharged_at="2026-03-08 12:00:00")
    hospital.send("2026-03-10")
    home.refresh()
    return Published(home)


@pytest.fixture(scope="module")
def told_first(before: Published) -> dict:
    return {
        "census": before.census("2026-03-09"),
        "stays": {f"A{n}": before.stay(f"A{n}") for n in range(1, 17)},
        "patients": before.one("select count(*) from marts.dim_patient"),
        "readmissions": before.one(
            "select count(*) from marts.fct_admissions where is_readmission_30d"
        ),
        "doctor's patients": before.one(
            "select distinct_patients from marts.doctor_load_monthly"
        ),
    }


@pytest.fixture(scope="module")
def corrected(told_first, home: Home, hospital: Hospital) -> Published:
    """11 March: the HIS corrects nearly everything it said."""
    assert told_first  # asked before it is corrected
    hospital.put("admissions", "A1", discharged_at="2026-03-08 12:00:00")
    hospital.put("admissions", "A2", admitted_at="2026-03-01 12:00:00")
    hospital.put("admissions", "A3", department_id="SUR")
    hospital.put("admissions", "A4", patient_id="P5")
    hospital.drop("admissions", "A6")
    hospital.drop("appointments", "E7")
    hospital.put("patients", "P8", merged_into_id="P9")
    hospital.put("patients", "P9", merged_into_id="P10")
    hospital.put("patients", "P11", merged_into_id="P12")
    hospital.put("patients", "P12", merged_into_id="P11")
    hospital.put("patients", "P13", merged_into_id="P99")
    hospital.admit("A14", "P15", "2026-03-09", "2026-03-10")
    hospital.put("patients", "P16", patient_name="Other", birth_date="1999-09-09")
    hospital.send("2026-03-11")
    home.refresh()
    return Published(home)


def test_a_late_discharge_ends_the_stay_on_its_own_day(told_first, corrected):
    assert told_first["stays"]["A1"][:4] == ("2026-03-03", None, True, None)
    assert corrected.stay("A1")[:4] == ("2026-03-03", "2026-03-08", False, 5)
    assert told_first["census"] == 1
    assert corrected.census("2026-03-09") == 1  # A14, not A1
    assert corrected.census("2026-03-07") == 2


def test_changed_times_department_and_patient_count_as_if_never_otherwise(
    told_first, corrected
):
    assert told_first["stays"]["A2"][3] == 2
    assert corrected.stay("A2")[3] == 3
    assert told_first["stays"]["A3"][4] == "his:B:MED"
    assert corrected.stay("A3")[4] == "his:B:SUR"
    assert told_first["stays"]["A4"][5] == "P4"
    assert corrected.stay("A4")[5] == "P5"
    assert corrected.one(
        "select sum(discharges) from marts.length_of_stay_monthly"
        " where department_key = 'his:B:SUR'"
    ) == 1  # fmt: skip


def test_a_voided_admission_counts_nowhere_and_what_names_it_is_reported(
    told_first, corrected
):
    assert told_first["stays"]["A6"] is not None
    assert corrected.stay("A6") is None
    assert corrected.issues("unknown_admission") == 1  # its bill is still there
    assert corrected.of_patient("fct_bills", "P6") == 1


def test_a_row_deleted_from_a_snapshot_counts_nowhere_and_stays_in_raw(corrected):
    assert corrected.of_patient("fct_appointments", "P7") == 0
    assert corrected.rows(
        "select _is_deleted from raw_his.appointments where appointment_id = 'E7'"
        " order by _as_of"
    ) == [(False,), (True,)]


def test_merged_patients_are_one_in_every_mart(told_first, corrected):
    assert told_first["patients"] - 2 == corrected.one(
        "select count(*) from marts.dim_patient"
    )
    assert [corrected.stay(a)[5] for a in ("A8", "A9", "A10")] == ["P10"] * 3
    for mart in ("fct_admissions", "fct_appointments", "fct_bills"):
        assert corrected.of_patient(mart, "P10") == 3
    # those whose admission got another patient, and none of the merged
    assert corrected.issues("bill_names_another_patient") == 2


def test_who_comes_back_under_another_number_is_readmitted(told_first, corrected):
    assert told_first["readmissions"] == 0
    readmitted = corrected.rows(
        "select a.admission_id from intermediate.admissions a"
        " join marts.fct_admissions s using (admission_key)"
        " where s.is_readmission_30d and a.admission_id in ('A8', 'A9', 'A10')"
    )
    assert readmitted == [("A9",)]


def test_the_doctors_patients_are_counted_as_persons(told_first, corrected):
    now = corrected.one("select distinct_patients from marts.doctor_load_monthly")
    assert (told_first["doctor's patients"], now) == (16, 14)


def test_merges_that_lead_nowhere_are_reported_and_not_followed(corrected):
    assert corrected.issues("merged_in_circle") == 2
    assert corrected.issues("merged_into_unknown_patient") == 1
    assert [corrected.stay(a)[5] for a in ("A11", "A12", "A13")] == [
        "P11", "P12", "P13",
    ]  # fmt: skip


def test_an_id_that_stands_for_another_is_reported(corrected):
    assert corrected.issues("admission_id_reused") == 1
    assert corrected.issues("patient_id_reused") == 1
    assert corrected.stay("A14")[0::5] == ("2026-03-09", "P15")


@pytest.fixture(scope="module")
def late(corrected: Published, home: Home) -> tuple[dict, dict, Published]:
    """9 March comes late and 10 March comes again, corrected; both say otherwise."""
    marts = home.marts()
    other = Hospital(home.extracts)
    other.put("admissions", "A5", department_id="SUR")
    other.put("patients", "P1", merged_into_id="P2")
    other.admit("A99", "P3", "2026-03-05")
    other.drop("appointments", "E1")
    other.send("2026-03-09", "2026-03-10")
    home.refresh()
    return marts, home.marts(), corrected


def test_an_earlier_night_that_comes_late_does_not_change_what_is_published(late):
    marts, after, published = late
    del marts["publication"], after["publication"]
    assert after == marts
    assert published.one(
        "select count(*) from ops.batches where rows_restated > 0"
    ) > 0  # fmt: skip


@pytest.fixture(scope="module")
def taken_back(late, home: Home, hospital: Hospital) -> Published:
    """12 March: merges, voiding and discharge are taken back."""
    *_, published = late
    for patient in ("P8", "P9", "P11", "P12", "P13"):
        hospital.put("patients", patient, merged_into_id="")
    hospital.admit("A6", "P6", "2026-03-02", "2026-03-04")
    hospital.put("admissions", "A1", discharged_at="")
    hospital.send("2026-03-12")
    home.refresh()
    return published


def test_what_is_taken_back_counts_as_before(told_first, taken_back):
    for admission in ("A1", "A6", "A8", "A9", "A10"):
        assert taken_back.stay(admission) == told_first["stays"][admission]
    assert taken_back.one("select count(*) from marts.dim_patient") == 16
    assert taken_back.issues("merged_in_circle") == 0


def test_a_reused_id_stays_reported(taken_back):
    assert taken_back.issues("admission_id_reused") == 1


def test_a_table_filled_by_another_key_stops_the_refresh_with_a_sentence(taken_back):
    with open_warehouse(taken_back.home.settings).connect() as owner:
        owner.execute("comment on table raw_his.wards is 'no key'")
    ran = taken_back.home.run("refresh")
    assert ran.returncode == 3
    assert (
        "Fault: his.wards: the rows of raw_his.wards were taken in with no key, and the"
        " contract now has the key (ward_id)" in ran.stdout
    )
