"""A clean extract holds together and looks like a hospital."""

import pandas as pd
import pytest

CLOSING = pd.Timestamp("2026-03-31 23:59:59")


def moments(column):
    return pd.to_datetime(column.where(column != ""))


@pytest.fixture(scope="module")
def stays(clean):
    stays = clean["bed_stays"].copy()
    stays["started"] = moments(stays["started_at"])
    stays["ended"] = moments(stays["ended_at"])
    return stays


@pytest.fixture(scope="module")
def admissions(clean):
    admissions = clean["admissions"].copy()
    admissions["admitted"] = moments(admissions["admitted_at"])
    admissions["discharged"] = moments(admissions["discharged_at"])
    return admissions


def test_no_bed_holds_two_patients_at_once(stays):
    stays = stays.sort_values(["bed_id", "started"])
    same_bed = stays["bed_id"] == stays["bed_id"].shift()
    until = stays["ended"].fillna(CLOSING).shift()
    assert not (same_bed & (stays["started"] < until)).any()
    assert (stays["started"] < stays["ended"].fillna(CLOSING)).all()


def test_only_open_and_staffed_beds_are_given(clean, stays):
    beds = clean["beds"].set_index("bed_id").loc[stays["bed_id"]]
    assert (beds["closed_on"] == "").all()
    assert (beds["is_staffed"] == "true").all()
    assert (beds["opened_on"].to_numpy() <= stays["started_at"].str[:10]).all()


def test_bed_stays_fill_their_admission_without_a_gap(stays, admissions):
    stays = stays.sort_values(["admission_id", "started"])
    same = stays["admission_id"] == stays["admission_id"].shift()
    assert (stays["started"] == stays["ended"].shift())[same].all()
    ends = stays.groupby("admission_id").agg(
        first=("started", "min"), last=("ended_at", "last")
    )
    ends = ends.loc[admissions["admission_id"]]
    assert (ends["first"].to_numpy() == admissions["admitted"]).all()
    assert (ends["last"].to_numpy() == admissions["discharged_at"]).all()


def test_no_patient_is_admitted_twice_at_once_or_after_death(clean, admissions):
    admissions = admissions.sort_values(["patient_id", "admitted"])
    same = admissions["patient_id"] == admissions["patient_id"].shift()
    until = admissions["discharged"].fillna(CLOSING).shift()
    assert not (same & (admissions["admitted"] < until)).any()
    patients = clean["patients"].set_index("patient_id")
    died = patients["deceased_on"].loc[admissions["patient_id"]].to_numpy()
    assert not ((died != "") & (admissions["admitted_at"].str[:10] > died)).any()


def test_whoever_dies_in_hospital_is_entered_as_dead_that_day(clean, admissions):
    deaths = admissions[admissions["outcome"] == "Deceased"]
    patients = clean["patients"].set_index("patient_id")
    assert len(deaths) > 10
    died = patients["deceased_on"].loc[deaths["patient_id"]].to_numpy()
    assert (died == deaths["discharged_at"].str[:10]).all()


def test_some_stays_are_open_and_none_ends_behind_the_closing(admissions):
    is_open = admissions["discharged_at"] == ""
    assert 20 < is_open.sum() < 120
    assert (admissions["outcome"].eq("") == is_open).all()
    assert (admissions["discharged"].dropna() <= CLOSING).all()


def test_occupancy_is_believable_once_the_wards_have_filled(clean, stays):
    beds = clean["beds"]
    usable = beds[(beds["closed_on"] == "") & (beds["is_staffed"] == "true")]
    pooled_occupied = pooled_available = 0
    for night in pd.date_range("2026-01-15", "2026-03-30"):
        midnight = night + pd.Timedelta(days=1)
        inside = (stays["started"] < midnight) & (
            stays["ended"].isna() | (stays["ended"] >= midnight)
        )
        available = (usable["opened_on"] <= str(night.date())).sum()
        assert inside.sum() <= available
        pooled_occupied += inside.sum()
        pooled_available += available
    assert 0.75 < pooled_occupied / pooled_available < 0.95


def test_admissions_follow_the_hours_and_the_week(admissions):
    scheduled = admissions[admissions["admission_type"] == "Scheduled"]["admitted"]
    emergency = admissions[admissions["admission_type"] == "Emergency"]["admitted"]
    assert scheduled.dt.hour.between(7, 15).all()
    assert (scheduled.dt.dayofweek < 5).mean() > 0.9
    assert 0.05 < (emergency.dt.hour < 6).mean() < 0.17


def test_length_of_stay_is_skewed_and_differs_by_department(admissions):
    nights = (
        admissions["discharged"].dt.normalize() - admissions["admitted"].dt.normalize()
    ).dt.days
    assert 3 < nights.mean() < 7
    assert nights.median() < nights.mean()
    assert (nights == 0).mean() > 0.05
    by_department = nights.groupby(admissions["department_id"]).mean()
    assert by_department["BR1-MEDI"] > 2 * by_department["BR1-EMER"]


def test_the_longer_the_wait_the_likelier_a_no_show(clean):
    booked = clean["appointments"]
    kept = booked[booked["status"].isin(["Completed", "No-show"])]
    lead = (moments(kept["scheduled_at"]) - moments(kept["booked_at"])).dt.days
    missed = kept["status"] == "No-show"
    assert missed[lead < 5].mean() + 0.05 < missed[lead > 40].mean()


def test_appointments_behind_the_closing_are_scheduled_or_cancelled(clean):
    booked = clean["appointments"]
    ahead = booked[booked["scheduled_at"] > "2026-03-31 23:59:59"]
    assert len(ahead) > 100
    assert not ahead["status"].isin(["Completed", "No-show"]).any()
    assert (booked["booked_at"] < booked["scheduled_at"]).all()
    past = booked.drop(ahead.index)
    assert "Scheduled" not in set(past["status"])


def test_every_patient_is_registered_before_any_contact(clean):
    patients = clean["patients"].set_index("patient_id")["registered_on"]
    for table, moment in (("admissions", "admitted_at"), ("appointments", "booked_at")):
        registered = patients.loc[clean[table]["patient_id"]].to_numpy()
        assert (registered <= clean[table][moment].str[:10]).all()


def test_treatments_are_given_within_their_stay_or_on_their_appointment(clean):
    treated = clean["treatments"]
    in_bed = treated[treated["admission_id"] != ""].join(
        clean["admissions"].set_index("admission_id")[["admitted_at", "discharged_at"]],
        on="admission_id",
    )
    assert (in_bed["treated_on"] >= in_bed["admitted_at"].str[:10]).all()
    left = in_bed["discharged_at"].str[:10].replace("", "2026-03-31")
    assert (in_bed["treated_on"] <= left).all()
    clinic = treated[treated["appointment_id"] != ""].join(
        clean["appointments"].set_index("appointment_id")[["scheduled_at", "status"]],
        on="appointment_id",
    )
    assert (clinic["treated_on"] == clinic["scheduled_at"].str[:10]).all()
    assert set(clinic["status"]) == {"Completed"}
    assert len(in_bed) + len(clinic) == len(treated)


def test_bills_add_up_and_are_paid_late_partly_or_not_at_all(clean):
    bills = clean["bills"].set_index("bill_id")
    amounts = bills[
        ["amount", "room_amount", "medicine_amount", "procedure_amount"]
    ].astype(float)
    parts = amounts.drop(columns="amount").sum(axis=1)
    assert (amounts["amount"] - parts).abs().max() < 0.005
    payments = clean["payments"]
    paid = payments[payments["status"] == "Paid"]
    collected = paid["amount"].astype(float).groupby(paid["bill_id"]).sum()
    share = collected / amounts["amount"].loc[collected.index]
    assert share.max() < 1.0001
    assert (share < 0.9999).any()
    assert paid["bill_id"].duplicated().any()
    assert set(payments["status"]) == {"Paid", "Failed"}
    assert not set(bills.index) <= set(payments["bill_id"])


def test_rosters_are_known_a_week_ahead_and_worked_hours_are_not(clean):
    shifts = clean["doctor_shifts"]
    ahead = shifts["shift_date"] > "2026-03-31"
    assert shifts["shift_date"].max() == "2026-04-07"
    assert (shifts["worked_hours"].eq("") == ahead).all()
    assert not shifts.duplicated(["doctor_id", "shift_date"]).any()


def test_contact_details_are_plainly_invented(clean):
    patients = clean["patients"]
    assert patients["email"].str.endswith("@example.org").all()
    assert patients["phone"].str.startswith("+00 555 ").all()
    assert patients["email"].is_unique
