"""Whether the installed versions are those that bankml asks for."""

from __future__ import annotations

import pytest

from bankml import WorkflowConfig, doctor
from bankml.manifest import installed_version
from bankml.requirements import unmet


@pytest.mark.parametrize(
    ("package", "version", "asked"),
    [
        ("lightgbm", "4.5.0", ">=4.6"),
        ("scikit_learn", "1.5.2", ">=1.6"),
        ("lightgbm", "4.6.0", ""),
        ("lightgbm", "5.0.0rc1", ""),
        ("lightgbm", "our-own-build", ""),
        ("something-else", "0.1", ""),
    ],
)
def test_a_version_is_compared_with_what_is_asked_for(
    package: str, version: str, asked: str
) -> None:
    assert unmet(package, version) == asked


def test_the_doctor_finds_a_package_that_is_too_old_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def old(package: str) -> str | None:
        return "4.5.0" if package == "lightgbm" else installed_version(package)

    monkeypatch.setattr(doctor, "installed_version", old)

    findings = {found.subject: found for found in doctor.examine(WorkflowConfig())}

    assert not findings["lightgbm"].healthy
    assert "pip install 'lightgbm>=4.6'" in findings["lightgbm"].message
    assert findings["pandas"].healthy
