"""Real servers on this machine that hold a drop folder: OpenSSH's sshd, and S3's moto.

Each is a process of its own; who asks must log in.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from getpass import getuser
from pathlib import Path
from typing import Any

import boto3

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
BUCKET = "hospital"
# What moto lets pass before it asks for logins: what makes the login, and the bucket.
_UNGUARDED = 4


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def answers(port: int, process: subprocess.Popen) -> None:
    """Wait until a server takes connections."""
    for _ in range(3_000):
        assert process.poll() is None, "the server ended"
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


@contextmanager
def running(*command: str, port: int, **environment: str) -> Iterator[None]:
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            answers(port, process)
            yield
        finally:
            process.terminate()


def make_key(file: Path) -> str:
    """A new key pair of SSH; returns the public line."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)],  # noqa: S607
        check=True,
    )
    return " ".join(file.with_suffix(".pub").read_text().split()[:2])


class Sftp:
    """An sshd with SFTP alone, for this user by key; and the folder that it shows."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.port = folder, free_port()
        self.drop = folder / "drop"
        self.drop.mkdir()
        self.key, self.known_hosts = folder / "client", folder / "known_hosts"
        (folder / "authorized").write_text(make_key(self.key) + "\n")
        host_key = make_key(folder / "host")
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {folder / 'host'}\n"
            f"AuthorizedKeysFile {folder / 'authorized'}\nPidFile none\nUsePAM no\n"
            "StrictModes no\nPasswordAuthentication no\n"
            "PermitRootLogin prohibit-password\nForceCommand internal-sftp\n"
            "Subsystem sftp internal-sftp\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WARDLINE_EXTRACTS": f"sftp://{getuser()}@127.0.0.1:{self.port}{self.drop}",
            "WARDLINE_EXTRACTS_PRIVATE_KEY": str(self.key),
            "WARDLINE_EXTRACTS_KNOWN_HOSTS": str(self.known_hosts),
            "WARDLINE_EXTRACTS_QUIET_SECONDS": "0",
        }

    @contextmanager
    def up(self) -> Iterator["Sftp"]:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        assert SSHD is not None
        config = str(self.folder / "config")
        with running(SSHD, "-D", "-f", config, port=self.port):
            yield self

    def put(self, name: str, content: bytes) -> None:
        path = self.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def append(self, name: str, content: bytes) -> None:
        with (self.drop / name).open("ab") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        (self.drop / name).unlink()

    def facts(self) -> dict[str, Any]:
        """All that a reader could have changed."""
        return {
            str(it.relative_to(self.drop)): (it.read_bytes(), it.stat().st_mtime_ns)
            for it in self.drop.rglob("*")
            if it.is_file()
        }


class S3:
    """A bucket of moto's server, and a login that may list and read it alone."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.port, self._certificate = free_port(), certificate
        scheme = "https" if certificate else "http"
        self.endpoint = f"{scheme}://127.0.0.1:{self.port}"
        self.key = self.secret = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WARDLINE_EXTRACTS": f"s3://{BUCKET}/drop",
            "WARDLINE_EXTRACTS_ENDPOINT": self.endpoint,
            "WARDLINE_EXTRACTS_KEY": self.key,
            "WARDLINE_EXTRACTS_SECRET": self.secret,
            "WARDLINE_EXTRACTS_REGION": "us-east-1",
            "WARDLINE_EXTRACTS_QUIET_SECONDS": "0",
        }

    @contextmanager
    def up(self) -> Iterator["S3"]:
        moto = str(Path(sys.executable).with_name("moto_server"))
        tls = ["-s", "-c", str(self._certificate), "-k", str(self._certificate)]
        command = [moto, "-H", "127.0.0.1", "-p", str(self.port)]
        with running(
            *command,
            *(tls if self._certificate else []),
            port=self.port,
            INITIAL_NO_AUTH_ACTION_COUNT=str(_UNGUARDED),
        ):
            self._make_logins()
            yield self

    def _make_logins(self) -> None:
        iam = self._client("iam", "none", "none")
        allowed = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            }
        )
        iam.create_user(UserName="his")
        iam.put_user_policy(UserName="his", PolicyName="all", PolicyDocument=allowed)
        made = iam.create_access_key(UserName="his")["AccessKey"]
        self._client("s3", "none", "none").create_bucket(Bucket=BUCKET)
        self._his = (made["AccessKeyId"], made["SecretAccessKey"])
        his = self._client("iam", *self._his)
        his.create_user(UserName="wardline")
        reading = allowed.replace(
            '"*", "Resource"', '["s3:Get*", "s3:List*"], "Resource"'
        )
        his.put_user_policy(
            UserName="wardline", PolicyName="reading", PolicyDocument=reading
        )
        key = his.create_access_key(UserName="wardline")["AccessKey"]
        self.key, self.secret = key["AccessKeyId"], key["SecretAccessKey"]

    def _client(self, service: str, key: str, secret: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            verify=str(self._certificate) if self._certificate else None,
        )

    @cached_property
    def client(self) -> Any:
        """S3 as the HIS sees it, who may write."""
        return self._client("s3", *self._his)

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"drop/{name}", Body=content)

    def append(self, name: str, content: bytes) -> None:
        before = self.client.get_object(Bucket=BUCKET, Key=f"drop/{name}")["Body"]
        self.put(name, before.read() + content)

    def remove(self, name: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=f"drop/{name}")

    def facts(self) -> dict[str, Any]:
        """All that a reader could have changed."""
        found = self.client.list_objects_v2(Bucket=BUCKET)["Contents"]
        return {it["Key"]: (it["ETag"], it["Size"], it["LastModified"]) for it in found}
