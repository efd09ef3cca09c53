"""The lowest versions that are allowed are those that are tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2]
EXTRAS = ("local", "report", "emulator", "azure", "mlflow")


def test_each_lowest_version_is_one_of_the_constraints() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.11 and later read TOML")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    given = [*project["dependencies"], *(each for name in EXTRAS for each in extras[name])]
    lines = (PROJECT / "constraints" / "lowest.txt").read_text("utf-8").splitlines()

    lowest = dict(_name_and_least(each) for each in given if not each.startswith("bankml"))
    tested = dict(line.split("==") for line in lines if re.match(r"\w", line))

    assert {
        name: least
        for name, least in lowest.items()
        if not f"{tested.get(name)}.".startswith(f"{least}.")
    } == {}


def _name_and_least(text: str) -> tuple[str, str]:
    requirement = Requirement(text)
    (least,) = [each.version for each in requirement.specifier if each.operator == ">="]
    return requirement.name, least
