"""Beds and flow with pandas: occupancy by hour and night, and who came and went.

Belongs here: what is made from bed stays. The other marts, reading and writing stand in
pandas_marts.py.
"""

from collections.abc import Mapping

import pandas as pd

CELL = ["branch_key", "department_key", "ward_key", "bed_type"]
PLACE = ["branch_key", "department_key"]

Tables = Mapping[str, pd.DataFrame]


def bed_stays(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Stays in a bed with their place, in the order of each admission."""
    stays = tables["bed_stays"].drop(columns="ward_key")
    stays = stays.merge(_beds(tables)[["bed_id", *CELL]], on="bed_id")
    ended = tables["admissions"][["admission_id", "outcome"]]
    stays = stays.merge(ended, on="admission_id")
    stays["ended_at"] = stays["ended_at"].where(stays["ended_at"] <= as_of)
    return stays.sort_values(["admission_id", "started_at"], ignore_index=True)


def occupancy_hourly(
    tables: Tables, stays: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Beds occupied as each hour begins, and bed hours, by running sums of changes."""
    changes = _changes(stays)
    changes["hour_starts_at"] = changes["at"].dt.floor("h")
    into = (changes["at"] - changes["hour_starts_at"]).dt.total_seconds() / 3600
    changes["hours_not_changed"] = changes["change"] * into
    changes["change_at_start"] = changes["change"].where(into == 0, 0)
    summed = changes.groupby([*CELL, "hour_starts_at"])[
        ["change", "change_at_start", "hours_not_changed"]
    ].sum()
    first = stays["started_at"].min().normalize()
    hours = pd.date_range(first, as_of, freq="h", name="hour_starts_at")
    grid = _cells(tables).merge(hours.to_frame(index=False), how="cross")
    made = grid.merge(summed.reset_index(), on=[*CELL, "hour_starts_at"], how="left")
    counted = ["change", "change_at_start", "hours_not_changed"]
    made[counted] = made[counted].fillna(0)
    at_end = made.groupby(CELL)["change"].cumsum()
    made["occupied_beds"] = (at_end - made["change"] + made["change_at_start"]).astype(
        int
    )
    lasts = (as_of - made["hour_starts_at"]).dt.total_seconds().clip(upper=3600) / 3600
    made["occupied_bed_hours"] = at_end * lasts - made["hours_not_changed"]
    return made.drop(columns=counted)


def occupancy_daily(
    tables: Tables, stays: pd.DataFrame, hourly: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Census, beds and occupancy of each night, and each day's peak."""
    nights = pd.DataFrame({
        "date_day": pd.date_range(hourly["hour_starts_at"].min(), as_of, freq="D")
    })  # fmt: skip
    made = _cells(tables).merge(nights, how="cross")
    census = _changes(stays)
    made["occupied_beds_midnight"] = _running(census, made)
    beds = _beds(tables)
    made["physical_beds"] = _running(_openings(beds), made)
    made["available_beds"] = _running(_openings(beds[beds["is_staffed"]]), made)
    share = 100 * made["occupied_beds_midnight"] / made["available_beds"]
    made["occupancy_pct"] = share.where(made["available_beds"] != 0)
    hourly = hourly.assign(date_day=hourly["hour_starts_at"].dt.normalize())
    by_day = hourly.groupby([*CELL, "date_day"]).agg(
        occupied_bed_hours=("occupied_bed_hours", "sum"),
        on_the_hour=("occupied_beds", "max"),
    )
    moments = census.groupby([*CELL, "at"], as_index=False)["change"].sum()
    moments["occupied"] = moments.groupby(CELL)["change"].cumsum()
    moments["date_day"] = moments["at"].dt.normalize()
    peaks = moments.groupby([*CELL, "date_day"])["occupied"].max().rename("at_change")
    made = made.merge(by_day.join(peaks).reset_index(), on=[*CELL, "date_day"])
    made["peak_occupied_beds"] = made[["on_the_hour", "at_change"]].max(axis=1)
    return made.drop(columns=["on_the_hour", "at_change"])


def patient_flow(stays: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    """Who came, went and moved on each day, and the census at its midnight."""
    before = stays.groupby("admission_id")["department_key"].shift()
    after = stays.groupby("admission_id")["department_key"].shift(-1)
    came = before.isna() | (before != stays["department_key"])
    went = (after.isna() | (after != stays["department_key"])) & (
        stays["ended_at"].notna()
    )
    arrived = stays[came].assign(
        date_day=stays["started_at"].dt.normalize(),
        admissions=before.isna(),
        transfers_in=before.notna(),
    )
    departed = stays[went].assign(
        date_day=stays["ended_at"].dt.normalize(),
        discharges=after.isna(),
        transfers_out=after.notna(),
        deaths=after.isna() & (stays["outcome"] == "Deceased"),
        discharges_before_noon=after.isna() & (stays["ended_at"].dt.hour < 12),
    )
    key = [*PLACE, "date_day"]
    made = daily.groupby(key)["occupied_beds_midnight"].sum()
    counts = [
        arrived.groupby(key)[["admissions", "transfers_in"]].sum(),
        departed.groupby(key)[
            ["discharges", "transfers_out", "deaths", "discharges_before_noon"]
        ].sum(),
    ]
    flow = made.rename("census_midnight").to_frame().join(counts).fillna(0).astype(int)
    flow["net_flow"] = flow["admissions"] + flow["transfers_in"]
    flow["net_flow"] -= flow["discharges"] + flow["transfers_out"]
    return flow.reset_index()


def _beds(tables: Tables) -> pd.DataFrame:
    """The register with each bed's cell: its branch, department, ward and type."""
    wards = tables["wards"][["ward_id", *PLACE]]
    return tables["beds"].merge(wards, on="ward_id")


def _cells(tables: Tables) -> pd.DataFrame:
    return _beds(tables)[CELL].drop_duplicates()


def _changes(stays: pd.DataFrame) -> pd.DataFrame:
    """When a bed of a cell is filled (1) or emptied (-1)."""
    filled = stays[CELL].assign(at=stays["started_at"], change=1)
    emptied = stays[CELL].assign(at=stays["ended_at"], change=-1)
    return pd.concat([filled, emptied.dropna(subset="at")], ignore_index=True)


def _openings(beds: pd.DataFrame) -> pd.DataFrame:
    """When a cell gains (1) or loses (-1) a bed."""
    used = beds[beds["closed_on"].isna() | (beds["closed_on"] > beds["opened_on"])]
    opened = used[CELL].assign(at=used["opened_on"], change=1)
    closed = used[CELL].assign(at=used["closed_on"], change=-1)
    return pd.concat([opened, closed.dropna(subset="at")], ignore_index=True)


def _running(changes: pd.DataFrame, grid: pd.DataFrame) -> pd.Series:
    """The sum of all changes up to each night of the grid, which is in their order."""
    days = changes["at"].dt.normalize().clip(lower=grid["date_day"].min())
    summed = changes.assign(date_day=days).groupby([*CELL, "date_day"])["change"].sum()
    on_grid = grid.merge(summed.reset_index(), on=[*CELL, "date_day"], how="left")
    on_grid["change"] = on_grid["change"].fillna(0)
    return on_grid.groupby(CELL)["change"].cumsum().astype(int)
