"""A hospital of several years: wards come and go, and so do the people of the town."""

import numpy as np
import pandas as pd
import pytest
from simulated_extracts import END, read

from simulator import simulate

DAYS = 3 * 365
SIZE = {"beds": 300, "branches": 2, "dirt": 0, "seed": 29}


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Three years of two branches of 150 beds."""
    out = tmp_path_factory.mktemp("years")
    return read(simulate(out, end=END, days=DAYS, **SIZE).folder)


@pytest.fixture(scope="module")
def first_year(tmp_path_factory):
    """The same hospital at the end of its first year."""
    out = tmp_path_factory.mktemp("first")
    end = END - pd.Timedelta(days=DAYS - 365).to_pytimedelta()
    return read(simulate(out, end=end, days=365, **SIZE).folder)


def test_wards_open_and_close_and_hold_nobody_before_or_after(years, first_year):
    beds = years["beds"].set_index("bed_id")
    stays = years["bed_stays"]
    opened = set(years["wards"]["ward_id"]) - set(first_year["wards"]["ward_id"])
    closed = beds.groupby("ward_id")["closed_on"].agg(lambda days: (days != "").all())
    closed = set(closed.index[closed])
    assert opened
    assert closed - opened
    assert (
        stays["started_at"].str[:10]
        >= beds.loc[stays["bed_id"], "opened_on"].to_numpy()
    ).all()
    until = beds.loc[stays["bed_id"], "closed_on"].replace("", "9999").to_numpy()
    assert (stays["ended_at"].replace("", "9998").str[:10] < until).all()
    assert stays["ward_id"].isin(opened).any()
    assert stays["ward_id"].isin(closed).any()


def test_a_ward_that_closes_takes_nobody_in_from_its_day_on(years):
    """Beds of a ward are given up as they become empty, so the first of them tells."""
    beds = years["beds"]
    per_ward = beds[beds["is_staffed"] == "true"].groupby("ward_id")["closed_on"]
    for ward, days in per_ward:
        given_up = sorted(days[days != ""])
        if len(given_up) < len(days):
            continue
        starts = years["bed_stays"].loc[
            years["bed_stays"]["ward_id"] == ward, "started_at"
        ]
        assert starts.max()[:10] < given_up[len(given_up) // 2]


def test_no_bed_is_booked_twice_in_three_years(years):
    stays = years["bed_stays"].sort_values(["bed_id", "started_at"])
    same_bed = stays["bed_id"] == stays["bed_id"].shift()
    until = stays["ended_at"].replace("", "9999").shift()
    assert not (same_bed & (stays["started_at"] < until)).any()


def test_wards_are_as_full_in_the_last_year_as_in_the_first(years):
    beds, stays = years["beds"], years["bed_stays"]
    share = {}
    for night in ("2023-10-01", "2026-02-01"):
        usable = (beds["is_staffed"] == "true") & (beds["opened_on"] <= night)
        usable &= (beds["closed_on"] == "") | (beds["closed_on"] > night)
        inside = (stays["started_at"] < night) & (
            (stays["ended_at"] == "") | (stays["ended_at"] > night)
        )
        share[night] = inside.sum() / usable.sum()
    assert all(0.7 < each <= 1 for each in share.values()), share


def test_the_past_is_the_same_after_two_more_years(years, first_year):
    for table, key, columns in (
        ("admissions", "admission_id", ["patient_id", "department_id", "admitted_at"]),
        ("appointments", "appointment_id", ["patient_id", "scheduled_at", "reason"]),
        ("bills", "bill_id", ["patient_id", "amount", "billed_on"]),
        ("payments", "payment_id", ["bill_id", "amount", "paid_on"]),
    ):
        old = first_year[table].set_index(key)[columns]
        new = years[table].set_index(key)[columns]
        assert len(old) > 1000
        assert new.loc[old.index].equals(old), table


def test_patients_come_of_age_and_are_followed_by_others(years, first_year):
    born = pd.to_datetime(years["patients"].set_index("patient_id")["birth_date"])
    admitted = years["admissions"]
    paediatrics = admitted[admitted["department_id"].str.endswith("PAED")]
    day = pd.to_datetime(paediatrics["admitted_at"].str[:10])
    ages = (day - born.loc[paediatrics["patient_id"]].to_numpy()).dt.days / 365.25
    assert ages.between(-0.01, 18.5).mean() > 0.99
    newcomers = set(years["patients"]["patient_id"]) - set(
        first_year["patients"]["patient_id"]
    )
    last_year = admitted[admitted["admitted_at"] > "2025-04-01"]
    assert np.mean(last_year["patient_id"].isin(newcomers)) > 0.02


def test_nobody_pays_before_the_bill_nor_is_billed_before_the_end(years):
    bills = years["bills"].set_index("bill_id")
    payments = years["payments"]
    assert (
        payments["paid_on"] >= bills.loc[payments["bill_id"], "billed_on"].to_numpy()
    ).all()
    stays = bills[bills["admission_id"] != ""]
    left = years["admissions"].set_index("admission_id")["discharged_at"].str[:10]
    assert (stays["billed_on"] >= left.loc[stays["admission_id"]].to_numpy()).all()
