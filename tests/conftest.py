"""Fixtures that all tests share: homes of their own, and warehouses in them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import embedded
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, open_warehouse


def make_home() -> Path:
    """A folder for a home, short enough for a unix socket's path."""
    return Path(tempfile.mkdtemp(prefix="wardline-")).resolve()


def remove_home(home: Path) -> None:
    embedded.stop(home)
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of a home that lives as long as the tests."""
    home = make_home()
    yield Settings(home=home, _env_file=None)
    remove_home(home)


@pytest.fixture(scope="session")
def warehouse(settings: Settings) -> Warehouse:
    """An embedded warehouse, bootstrapped and otherwise empty."""
    return open_warehouse(settings)
