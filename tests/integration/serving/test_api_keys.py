"""Keys of the API: which open, how often, and what of them is left in the log."""

import logging
import re
from datetime import timedelta

import pytest

from tests.integration.guarded import GuardedHome
from tests.integration.serving.doors import Doors, bearer

API = "/api/v1"


@pytest.fixture(scope="module")
def client(doors: Doors):
    with doors.client() as client:
        yield client


def status(client, key: str | None, path: str = f"{API}/publication") -> int:
    headers = bearer(key) if key else {}
    return client.get(path, headers=headers).status_code


@pytest.mark.parametrize(
    "path", ["publication", "marts", "marts/fct_bills", "kpis", "kpis/payment_mix"]
)
@pytest.mark.parametrize("key", [None, "", "x", "wardline_", "wardline_" + "A" * 43])
def test_no_route_opens_without_a_key(client, path, key):
    answer = client.get(f"{API}/{path}", headers=bearer(key) if key else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_opens_until_it_expires(client, doors: Doors):
    assert status(client, doors.key()) == 200
    assert status(client, doors.key(lifetime=timedelta(seconds=-1))) == 401


def test_a_revoked_key_opens_nothing_from_the_next_request_on(client, doors: Doors):
    key_id, key = doors.numbered_key()
    assert status(client, key) == 200
    doors.revoke(key_id)
    assert status(client, key) == 401


def test_a_key_opens_the_api_and_not_the_dashboard(client, doors: Doors):
    answer = client.get(
        "/dashboard/csv/departments/all.csv", headers=bearer(doors.key())
    )
    assert answer.status_code == 401


def test_what_needs_no_key_tells_nothing_of_patients(client):
    assert client.get("/health").json() == {"status": "ready"}
    metrics = client.get("/metrics").text
    assert "wardline_publication" in metrics
    assert "wardline_key_" not in metrics
    assert client.get("/openapi.json").status_code == 200


def test_each_key_has_its_own_rate(doors: Doors):
    with doors.client(rate="3/minute") as client:
        eager, calm = doors.key(), doors.key()
        assert [status(client, eager) for _ in range(4)] == [200, 200, 200, 429]
        assert status(client, calm) == 200
        refused = client.get(f"{API}/publication", headers=bearer(eager))
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "wait" in refused.json()["detail"]


def test_who_guesses_keys_is_slowed_down(doors: Doors):
    with doors.client(rate="3/minute") as client:
        guesses = [status(client, f"wardline_{guess}") for guess in range(4)]
    assert guesses == [401, 401, 401, 429]


def test_a_key_is_kept_as_its_hash_alone(guarded: GuardedHome, doors: Doors):
    key = doors.key()
    with guarded.warehouse.connect() as owner:
        kept = owner.execute("select t::text from serving.api_keys as t").fetchall()
        recorded = owner.execute("select t::text from ops.decisions as t").fetchall()
    assert kept
    assert not [row for (row,) in [*kept, *recorded] if key in row]


MARK = "PLANTED"


def test_the_log_names_the_route_and_the_key_and_nothing_that_was_asked(
    client, doors: Doors, caplog
):
    key_id, key = doors.numbered_key()
    requests = [
        f"{API}/marts/fct_bills?bill_key={MARK}",
        f"{API}/marts/fct_bills?payer={MARK}&format=csv",
        f"{API}/marts/{MARK}",
        f"{API}/kpis?department_key={MARK}",
        f"{API}/marts/fct_bills?{MARK}=1",
        f"{API}/marts/fct_bills?cursor={MARK}",
        f"/{MARK}?from={MARK}",
        f"/dashboard/csv/{MARK}/{MARK}.csv",
    ]
    with caplog.at_level(logging.INFO):
        for request in requests:
            client.get(request, headers=bearer(key, Cookie=f"wardline_session={MARK}"))
        client.post(
            "/login", data={"name": MARK, "password": MARK, "token": MARK},
            headers={"User-Agent": MARK, "X-Forwarded-For": MARK, "Referer": MARK},
        )  # fmt: skip
    lines = [it.getMessage() for it in caplog.records if it.name == "wardline.api"]
    assert len(lines) == len(requests) + 1
    assert re.fullmatch(
        rf"GET /api/v1/marts/fct_bills 200 \d+ ms {key_id}:a test", lines[0]
    )
    # the client's own log is none of the server's
    logged = "\n".join(
        it.getMessage() for it in caplog.records if not it.name.startswith("http")
    )
    assert "unknown 401" in logged
    for hidden in (MARK, MARK.lower(), key, "10.0.0.7"):
        assert hidden not in logged


def test_the_command_makes_lists_and_revokes_a_key(
    guarded: GuardedHome, client, places
):
    made = guarded.run(
        "api-key", "create", "--name", "laboratory", "--department", places.own,
        "--expires-in-days", "30", "--reason", "their dashboard",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    said, key = made.stdout.strip().rsplit("\n", 1)
    number = re.search(r"Key (\d+) \(laboratory\)", said).group(1)
    assert places.own in said
    assert status(client, key) == 200

    listed = guarded.run("api-key", "list").stdout
    assert "laboratory" in listed
    assert key not in listed

    revoked = guarded.run("api-key", "revoke", number, "--reason", "left")
    assert revoked.returncode == 0, revoked.stderr
    assert status(client, key) == 401
    again = guarded.run("api-key", "revoke", number, "--reason", "left")
    assert again.returncode == 2
    assert "api-key list" in again.stderr

    with guarded.warehouse.connect() as owner:
        recorded = owner.execute(
            "select action, reason from ops.decisions where subject = %s"
            " order by decision_id",
            [f"key {number} (laboratory)"],
        ).fetchall()
    assert recorded == [("make_key", "their dashboard"), ("revoke_key", "left")]
