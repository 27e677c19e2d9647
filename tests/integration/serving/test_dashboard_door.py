"""The dashboard's door: logins, sessions, other sites, other names, and the proxy."""

import base64
import csv
import io
import json
from html import escape
from urllib.parse import urlencode

import pytest

from orchestration.readers import Binding
from serving.sessions import COOKIE, Sessions
from tests.integration.guarded import GuardedHome
from tests.integration.serving.doors import PASSWORD, Doors, log_in

PAGE = "/dashboard/csv/departments/all.csv"
HTML = {"Accept": "text/html"}
PROXY = "10.0.0.1"


@pytest.fixture(scope="module", autouse=True)
def users(doors: Doors, places) -> None:
    doors.user("Anna Müller")
    doors.user("otto", Binding(department_keys=(places.own,)))
    doors.user("by proxy", Binding(department_keys=(places.own,)), password=None)
    doors.user("gone")
    doors.disable("gone")


@pytest.fixture
def client(doors: Doors):
    with doors.client() as client:
        yield client


def test_a_page_leads_to_the_login_and_its_data_are_refused(client):
    answer = client.get("/", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    for path in (
        "/",
        PAGE,
        "/dashboard/events",
        "/_dash-layout",
        "/dashboard/data-docs/",
    ):
        assert client.get(path).status_code == 401, path
    assert client.post("/_dash-update-component", json={}).status_code == 401


def test_a_user_comes_in_with_his_password_and_out_again(client):
    answer = log_in(client, "Anna Müller")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert client.get("/", headers=HTML).status_code == 200
    assert client.get(PAGE).status_code == 200
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get(PAGE).status_code == 401


def test_a_login_leads_back_to_what_was_asked_for(client):
    page = "/beds?from=2026-01-05&department=his%3AD%262"
    answer = client.get(page, headers=HTML)
    assert answer.status_code == 303
    login = answer.headers["location"]
    wrong = log_in(client, "Anna Müller", "another password", login)
    assert wrong.status_code == 401
    assert escape(page) in wrong.text
    assert log_in(client, "Anna Müller", login=login).headers["location"] == page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/beds\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/" + 2000 * "x",
    ],
)
def test_a_login_leads_to_no_other_site(client, elsewhere):
    login = f"/login?{urlencode({'next': elsewhere})}"
    answer = log_in(client, "Anna Müller", login=login)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    form = client.get(login).text
    token = form.split('name="token" value="')[1].split('"')[0]
    sent = {"name": "Anna Müller", "password": PASSWORD, "token": token}
    answer = client.post("/login", data=sent | {"next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Anna Müller", "another password"),
        ("nobody", PASSWORD),
        ("by proxy", PASSWORD),
        ("by proxy", ""),
        ("anna müller", PASSWORD),
        ("x' or '1'='1", "x' or '1'='1"),
    ],
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client, name, password):
    answer = log_in(client, name, password or " ")
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_trying_passwords_is_slowed_down_by_name_and_by_address(doors: Doors):
    with doors.client() as client:
        tries = [log_in(client, "otto", "wrong").status_code for _ in range(11)]
    assert tries == [401] * 10 + [429]
    with doors.client() as client:
        tries = [log_in(client, f"no {it}", "wrong").status_code for it in range(11)]
    assert tries == [401] * 10 + [429]


def test_a_form_that_was_made_elsewhere_is_refused(client):
    form = {"name": "Anna Müller", "password": PASSWORD, "token": "made up"}
    assert client.post("/login", data=form).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_refused(client, headers):
    log_in(client, "Anna Müller")
    for path in ("/_dash-update-component", "/login", "/logout"):
        assert client.post(path, headers=headers, json={}).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "wardline.hospital.example.evil.example",
        "wardline.hospital.example@evil.example",
        "evil.example@wardline.hospital.example",
        "wardline.hospital.example#",
        "[wardline",
        "",
    ],
)
def test_another_name_is_refused(client, host):
    assert client.get("/login", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/api/", "/assets/", "/login", "/health?"])
def test_a_host_header_with_a_path_in_it_opens_nothing(client, path):
    """The URL that a framework puts together of them begins like an open one."""
    host = f"wardline.hospital.example{path}"
    answer = client.get(PAGE, headers={"Host": host})
    assert answer.status_code == 400
    assert "department" not in answer.text


@pytest.mark.parametrize("ending", ["disabled", "another password", "another key"])
def test_a_session_ends_at_once(doors: Doors, ending: str):
    doors.user("leaver")
    with doors.client() as client:
        log_in(client, "leaver")
        assert client.get(PAGE).status_code == 200
        cookie = client.cookies[COOKIE]
        if ending == "disabled":
            doors.disable("leaver")
        elif ending == "another password":
            doors.user("leaver", password="another password")
        if ending != "another key":
            assert client.get(PAGE).status_code == 401
    with doors.client(sessions=Sessions(b"x" * 32)) as client:
        client.cookies[COOKIE] = cookie
        assert client.get(PAGE).status_code == 401


def test_a_cookie_that_was_changed_opens_nothing(client):
    log_in(client, "otto")
    cookie = client.cookies[COOKIE]
    client.cookies.clear()
    kept = {"Cookie": f"{COOKIE}={cookie}"}
    assert client.get(PAGE, headers=kept).status_code == 200
    name, moment, signature = cookie.split(".")
    other = base64.urlsafe_b64encode(json.dumps(["Anna Müller", 1]).encode())
    for changed in (
        *(cookie[:-1], cookie[1:], "x", f"{name}..{signature}"),
        f"{other.decode().rstrip('=')}.{moment}.{signature}",
    ):
        answer = client.get(PAGE, headers={"Cookie": f"{COOKIE}={changed}"})
        assert answer.status_code == 401


def test_a_bound_user_sees_his_department_and_of_the_record_the_outcomes(doors: Doors):
    with doors.client() as client:
        log_in(client, "otto")
        own = list(csv.DictReader(io.StringIO(client.get(PAGE).text)))
        own_runs = client.get("/dashboard/csv/quality/runs.csv")
        hidden = [
            client.get(f"/dashboard/csv/quality/{panel}.csv").status_code
            for panel in ("findings", "received", "current", "quarantine", "batches")
        ]
        documents = client.get("/dashboard/data-docs/mart/index.html").status_code
    with doors.client() as client:
        log_in(client, "Anna Müller")
        whole = list(csv.DictReader(io.StringIO(client.get(PAGE).text)))
        seen = [
            client.get(f"/dashboard/csv/quality/{panel}.csv").status_code
            for panel in ("findings", "received", "current", "quarantine", "batches")
        ]
        page = client.get("/dashboard/data-docs/mart/index.html")
    assert len(own) == 1 < len(whole)
    assert "published" in own_runs.text
    assert (hidden, documents) == ([404] * 5, 403)
    assert seen == [200] * 5
    assert "Gate verdicts" in page.text


def page(client, path: str) -> str:
    """A page's parts as the browser is sent them."""
    outputs = ("page.children", "stamp.children", "pages.children")
    outputs += ("filters.data-controls", "shown.data")
    given = {"pathname": path, "search": ""}
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": f"..{'...'.join(outputs)}..",
            "outputs": [
                dict(zip(("id", "property"), it.split("."), strict=True))
                for it in outputs
            ],
            "inputs": [
                *({"id": "url", "property": it, "value": given[it]} for it in given),
                {"id": "published", "property": "data", "value": None},
            ],
            "changedPropIds": ["url.pathname"],
            "state": [{"id": "shown", "property": "data", "value": None}],
        },
    )
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("path", "panels"), [("/", 1), ("/money", 1), ("/patients", 3)]
)
def test_who_sees_departments_is_told_what_counts_whole_branches(
    doors: Doors, path: str, panels: int
):
    words = "This counts whole branches; you see departments."
    with doors.client() as client:
        log_in(client, "otto")
        own = page(client, path)
    with doors.client() as client:
        log_in(client, "Anna Müller")
        whole = page(client, path)
    assert (own.count(words), whole.count(words)) == (panels, 0)
    assert "nothing earlier to compare with" not in own
    assert ("tile-admissions" in whole) == (path == "/")
    assert "tile-admissions" not in own


@pytest.mark.parametrize(
    "path", ["%2e%2e/pseudonym.key", "..%2fpseudonym.key", "%2fetc%2fhosts", "mart"]
)
def test_the_gates_pages_lead_to_no_other_file(client, path):
    log_in(client, "Anna Müller")
    assert client.get(f"/dashboard/data-docs/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/login", "/", "/api/v1/marts", "/health"])
def test_every_answer_has_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy.split("script-src")[1].split(";")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_the_header_of_a_user_is_off_unless_it_is_set(doors: Doors):
    with doors.client(peer=PROXY, proxies=[PROXY]) as client:
        answer = client.get(PAGE, headers={"X-Remote-User": "Anna Müller".encode()})
        assert answer.status_code == 401


@pytest.mark.parametrize("is_behind", [True, False])
def test_the_header_of_a_user_counts_from_the_proxys_address_alone(
    doors: Doors, is_behind: bool
):
    door = {
        "user_header": "x-remote-user",
        "proxies": [PROXY],
        "is_behind_proxies": is_behind,
    }
    named = {"X-Remote-User": "by proxy"}
    with doors.client(peer=PROXY, **door) as client:
        assert client.get(PAGE, headers=named).status_code == 200
        for nobody in ("", "nobody", "gone"):
            headers = {"X-Remote-User": nobody}
            assert client.get(PAGE, headers=headers).status_code == 401, nobody
    elsewhere = ({}, {"X-Forwarded-For": PROXY}, {"X-Real-IP": PROXY},
                 {"Forwarded": f"for={PROXY}"})  # fmt: skip
    with doors.client(peer="10.0.0.9", **door) as client:
        for forged in elsewhere:
            answer = client.get(PAGE, headers=named | forged)
            assert answer.status_code == (403 if is_behind else 401)


def test_behind_a_proxy_tries_count_by_the_address_that_it_saw(doors: Doors):
    """The last address is the proxy's word, those before it the caller's."""

    def tries(client, name: str, seen: str) -> list[int]:
        client.headers["X-Forwarded-For"] = f"10.9.9.9, {seen}"
        return [log_in(client, f"{name} {it}", "wrong").status_code for it in range(11)]

    with doors.client(peer=PROXY, proxies=[PROXY]) as client:
        assert tries(client, "first", "10.1.1.1") == [401] * 10 + [429]
        assert tries(client, "other", "10.2.2.2") == [401] * 10 + [429]


def test_only_proxies_come_in_where_they_bring_https(doors: Doors):
    door = {"proxies": [PROXY], "is_behind_proxies": True}
    with doors.client(peer="10.0.0.9", **door) as client:
        assert client.get("/login").status_code == 403
        assert client.get("/api/v1/publication").status_code == 403
        assert client.get("/health", headers={"Host": "10.0.0.1"}).status_code == 200


def test_the_commands_add_list_and_disable_a_user(guarded: GuardedHome, doors, places):
    given = {"WARDLINE_LOGIN_PASSWORD": "a long enough password"}
    short = guarded.run(
        "user", "add", "karl", "--reason", "x", WARDLINE_LOGIN_PASSWORD="short"
    )
    assert short.returncode == 2
    assert "12 characters" in short.stderr
    assert "needs a password" in guarded.run("user", "add", "k", "--reason", "x").stderr
    added = guarded.run(
        "user", "add", "karl", "--department", places.own, "--reason", "ward",
        **given,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    listed = guarded.run("user", "list").stdout
    assert "karl" in listed
    assert "long enough" not in added.stdout + listed
    with doors.client() as client:
        assert (
            log_in(client, "karl", given["WARDLINE_LOGIN_PASSWORD"]).status_code == 303
        )
        assert client.get(PAGE).status_code == 200
        assert (
            guarded.run("user", "disable", "karl", "--reason", "left").returncode == 0
        )
        assert client.get(PAGE).status_code == 401
    assert guarded.run("user", "disable", "karl", "--reason", "left").returncode == 2
    with guarded.warehouse.connect() as owner:
        recorded = owner.execute(
            "select action, reason from ops.decisions where subject = 'karl'"
            " order by decision_id"
        ).fetchall()
    assert recorded[-2:] == [("add_user", "ward"), ("disable_user", "left")]
