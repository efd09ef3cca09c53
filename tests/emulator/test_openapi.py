"""The emulator answers any request as its OpenAPI document says: never by a defect of its own.

``benchmarks/rest/described.py`` asks it more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from tests.hostile.described import broken_promises

if TYPE_CHECKING:
    from bankml.emulator import Emulator


def test_no_request_breaks_the_emulator(emulator: Emulator) -> None:
    document = requests.get(f"{emulator.url}/openapi.json", timeout=30).json()
    headers = {"Authorization": f"Bearer {emulator.token()}"}

    problems, count = broken_promises(document, emulator.url, headers, examples=1)

    assert problems == []
    assert count > 90


def test_json_that_can_not_be_kept_is_refused(emulator: Emulator) -> None:
    headers = {"Authorization": f"Bearer {emulator.token()}", "Content-Type": "application/json"}
    url = f"{emulator.url}/history/v1.0/experiments:query"

    for content in (b'{"filter": NaN}', b'{"a": "\\ud800"}', b'{"a":' * 5000, b"[]", b"\xff", b""):
        answer = requests.post(url, data=content, headers=headers, timeout=30)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "BadRequest"
