"""A hostile configuration file costs little and ends in our error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankml import ConfigError, WorkflowConfig
from bankml.config import load_config, parse_config

if TYPE_CHECKING:
    from pathlib import Path


def loaded(folder: Path, content: bytes) -> WorkflowConfig:
    path = folder / "hostile.json"
    path.write_bytes(content)
    return load_config(path)


HOSTILE = {
    "a number of 5,000 digits": b'{"automl":{"iterations":' + b"9" * 5000 + b"}}",
    "a number of 400 digits": b'{"automl":{"iterations":' + b"9" * 400 + b"}}",
    "an infinite limit": b'{"dataset":{"max_megabytes":Infinity}}',
    "a limit that overflows": b'{"dataset":{"max_megabytes":1e999}}',
    "no number": b'{"automl":{"experiment_timeout_minutes":NaN}}',
    "half a character": b'{"experiment_name":"\\ud800"}',
    "half a character as a key": b'{"\\ud800":1}',
    "deep lists": b'{"automl":' + b"[" * 100_000 + b"}",
    "deep objects": b'{"automl":' * 500 + b"1" + b"}" * 500,
    "the same key twice": b'{"backend":"local","backend":"azureml"}',
    "a long name": b'{"experiment_name":"' + b"x" * 10_000 + b'"}',
    "UTF-16": "{}".encode("utf-16"),
    "binary": bytes(range(256)),
    "more than a megabyte": b'{"experiment_name":"' + b"x" * 1_000_001 + b'"}',
    "nothing": b"",
    "a list": b"[]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_our_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, HOSTILE[name])

    assert len(str(caught.value)) < 1000


def test_thousands_of_unknown_keys_are_not_all_listed() -> None:
    with pytest.raises(ConfigError, match="the first 50 of which") as caught:
        parse_config({f"key{number}": 1 for number in range(20_000)})

    assert len(str(caught.value)) < 20_000


def test_a_key_with_escape_sequences_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, b'{"\\u001b[31mred\\u0007":1}')

    assert "\x1b" not in str(caught.value)
    assert "\x07" not in str(caught.value)


def circular() -> dict[str, Any]:
    document: dict[str, Any] = {}
    document["automl"] = document
    return document


@pytest.mark.parametrize(
    "document", [{"a": object()}, {"a": {1, 2}}, {"a": b"x"}, circular()], ids=str
)
def test_a_document_that_never_was_json_is_our_error(document: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="can't be written as JSON"):
        parse_config(document)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)
known_keys = [
    (section, key)
    for section, content in WorkflowConfig().model_dump().items()
    if isinstance(content, dict)
    for key in content
]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(known_keys), value=values)
def test_any_value_of_any_key_is_taken_or_our_error(place: tuple[str, str], value: Any) -> None:
    section, key = place

    with suppress(ConfigError):
        config = parse_config({section: {key: value}})
        assert parse_config(json.loads(config.model_dump_json())) == config


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=100)
    | st.text('{}[]":,0123456789eE.-+ \\untrfalsekdcomp', max_size=60).map(str.encode)
)
def test_any_bytes_are_a_configuration_or_our_error(tmp_path: Path, content: bytes) -> None:
    with suppress(ConfigError):
        assert isinstance(loaded(tmp_path, content), WorkflowConfig)
