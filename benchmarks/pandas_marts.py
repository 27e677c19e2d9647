"""The main marts as an analyst would make them with pandas: no gates, nothing kept.

Belongs here: reading, writing, and all marts but those of pandas_beds.py. It serves one
extract without faults; what is broken, late, corrected or in another time zone it
cannot take.
"""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from sqlalchemy import create_engine, text

from benchmarks.memory import most_held
from benchmarks.pandas_beds import (
    PLACE,
    Tables,
    bed_stays,
    occupancy_daily,
    occupancy_hourly,
    patient_flow,
)

SCHEMA = "by_pandas"
_MOMENTS = {
    "admissions": ["admitted_at", "discharged_at"],
    "bed_stays": ["started_at", "ended_at"],
    "appointments": ["scheduled_at", "booked_at"],
    "bills": ["billed_on"],
    "payments": ["paid_on"],
    "beds": ["opened_on", "closed_on"],
}


def make_marts(folder: Path, url: str, as_of: pd.Timestamp) -> tuple[float, float]:
    """Make all marts of an extract and write them into a schema of their own.

    Args:
        folder: the extract's files.
        url: of the database, as SQLAlchemy takes it.
        as_of: the last moment that the extract speaks for.

    Returns:
        Seconds, and the most memory that this process ever held, in MiB.
    """
    start = perf_counter()
    tables = read(folder)
    made = marts(tables, as_of)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"drop schema if exists {SCHEMA} cascade"))
        connection.execute(text(f"create schema {SCHEMA}"))
        for name, frame in made.items():
            frame.to_sql(name, connection, schema=SCHEMA, index=False, chunksize=50_000)
    engine.dispose()
    return perf_counter() - start, most_held() / 2**20


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """The files, with their dates as such and keys of places as the marts have them."""
    tables = {}
    for file in sorted(folder.glob("*.csv")):
        dates = _MOMENTS.get(file.stem, [])
        frame = pd.read_csv(file, parse_dates=dates, low_memory=False)
        if "branch_id" in frame:
            frame["branch_key"] = "his:" + frame["branch_id"]
            if "department_id" in frame:
                frame["department_key"] = frame["branch_key"] + ":"
                frame["department_key"] += frame["department_id"]
        if "ward_id" in frame:
            frame["ward_key"] = "his:" + frame["ward_id"]
        tables[file.stem] = frame
    return tables


def marts(tables: Tables, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The marts by name, with the columns of Wardline's that an analyst would want."""
    beds = bed_stays(tables, as_of)
    hourly = occupancy_hourly(tables, beds, as_of)
    daily = occupancy_daily(tables, beds, hourly, as_of)
    return {
        "length_of_stay_monthly": length_of_stay(tables["admissions"], as_of),
        "bed_occupancy_hourly": hourly,
        "bed_occupancy_daily": daily,
        "patient_flow_daily": patient_flow(beds, daily),
        "appointment_activity_daily": appointment_activity(tables, as_of),
        "billing_monthly": billing(tables, as_of),
    }


def length_of_stay(admissions: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Discharges of each month, branch, department and type, and how long they lay."""
    left = admissions[admissions["discharged_at"] <= as_of].copy()
    left["month_start"] = _month(left["discharged_at"])
    lasted = left["discharged_at"] - left["admitted_at"]
    left["hours"] = lasted.dt.total_seconds() / 3600
    nights = left["discharged_at"].dt.normalize() - left["admitted_at"].dt.normalize()
    left["nights"] = nights.dt.days
    left["is_same_day"] = left["nights"] == 0
    left["is_long_stay"] = left["nights"] >= 21
    left["log_nights"] = np.log(left["nights"].where(left["nights"] >= 1))
    grouped = left.groupby(["month_start", *PLACE, "admission_type"], dropna=False)
    made = grouped.agg(
        discharges=("nights", "size"),
        same_day_discharges=("is_same_day", "sum"),
        bed_days=("nights", "sum"),
        average_length_of_stay_nights=("nights", "mean"),
        average_length_of_stay_hours=("hours", "mean"),
        geometric_mean_length_of_stay_nights=("log_nights", "mean"),
        median_length_of_stay_nights=("nights", "median"),
        p90_length_of_stay_nights=("nights", lambda it: it.quantile(0.9)),
        long_stays=("is_long_stay", "sum"),
    ).reset_index()
    geometric = "geometric_mean_length_of_stay_nights"
    made[geometric] = np.exp(made[geometric])
    return made


def appointment_activity(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """What became of each doctor's appointments of each day, and the rates of it."""
    booked = tables["appointments"]
    booked = booked[booked["scheduled_at"].dt.normalize() <= as_of.normalize()]
    status = booked["status"].str.lower().str.replace("-", "_")
    counted = pd.DataFrame({
        "date_day": booked["scheduled_at"].dt.normalize(),
        **{place: booked[place] for place in PLACE},
        "doctor_key": "his:" + booked["doctor_id"],
        "booked": 1,
        "scheduled": status == "scheduled",
        "completed": status == "completed",
        "no_show": status == "no_show",
        "cancelled": status.str.startswith("cancelled"),
    })  # fmt: skip
    key = ["date_day", *PLACE, "doctor_key"]
    made = counted.groupby(key, dropna=False).sum().reset_index()
    attended = made["completed"] + made["no_show"]
    of_attended = 100 * made["no_show"] / attended
    made["no_show_rate_attended_basis_pct"] = of_attended.where(attended > 0)
    made["no_show_rate_booked_basis_pct"] = 100 * made["no_show"] / made["booked"]
    made["completion_rate_pct"] = 100 * made["completed"] / made["booked"]
    return made


def billing(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """What was billed in each month, and what of it was paid, failed or is open."""
    payments = tables["payments"]
    payments = payments[payments["paid_on"] <= as_of]
    payments = payments.sort_values(["paid_on", "payment_id"])
    paid = payments[payments["status"] == "Paid"].groupby("bill_id")["amount"].sum()
    last = payments.groupby("bill_id").last()
    failed = last["amount"].where(last["status"] == "Failed", 0)
    bills = tables["bills"][tables["bills"]["billed_on"] <= as_of].set_index("bill_id")
    bills["month_start"] = _month(bills["billed_on"])
    bills["billed_amount"] = bills["amount"]
    bills["collected_amount"] = paid.reindex(bills.index, fill_value=0)
    unpaid = bills["billed_amount"] - bills["collected_amount"]
    failed = failed.reindex(bills.index, fill_value=0)
    bills["failed_amount"] = np.minimum(failed, unpaid).clip(lower=0)
    bills["outstanding_amount"] = unpaid - bills["failed_amount"]
    bills["payment_method"] = last["payment_method"].reindex(bills.index)
    key = ["month_start", *PLACE, "payer", "payment_method"]
    amounts = ["billed_amount", "collected_amount", "outstanding_amount"]
    amounts += ["failed_amount", "room_amount", "medicine_amount", "procedure_amount"]
    grouped = bills.groupby(key, dropna=False)
    made = grouped[amounts].sum()
    made["bills"] = grouped.size()
    made["average_bill_amount"] = grouped["billed_amount"].mean()
    made["median_bill_amount"] = grouped["billed_amount"].median()
    share = 100 * made["collected_amount"] / made["billed_amount"]
    made["collection_rate_pct"] = share.where(made["billed_amount"] != 0)
    return made.reset_index()


def _month(moments: pd.Series) -> pd.Series:
    return moments.dt.to_period("M").dt.start_time
