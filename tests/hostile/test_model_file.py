"""A model's file that somebody has changed, with the hash to go with it: an error of ours."""

from __future__ import annotations

import contextlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from bankml import ModelError, load_model
from bankml.backends.local.automl.persistence import save_model
from bankml.manifest import Manifest, sha256_of, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "schema.json"
STRANGE: st.SearchStrategy[object] = st.sampled_from(
    [None, -1, "x", "os.system", "builtins.eval", "ListNode", [], {}, [{}]]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small model."""
    path = tmp_path_factory.mktemp("model")
    rows = pd.DataFrame({"age": [20.0, 30.0, 60.0, 70.0]})
    model = Pipeline([("classify", LogisticRegression())]).fit(rows, ["no", "no", "yes", "yes"])
    save_model(model, path / "model.skops")
    return path


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as what holds it and where."""
    if not isinstance(node, dict | list):
        return []
    keys = list(node) if isinstance(node, dict) else range(len(node))
    return [found for key in keys for found in ((node, key), *places(node[key]))]


def forge(folder: Path, source: Path, choice: int, value: object) -> None:
    """Write the model of a folder to another, with one value of its description changed."""
    with zipfile.ZipFile(source / "model.skops") as old:
        members = {name: old.read(name) for name in old.namelist()}
    schema = json.loads(members[SCHEMA])
    found = places(schema)
    holder, key = found[choice % len(found)]
    holder[key] = value
    members[SCHEMA] = json.dumps(schema).encode()
    with zipfile.ZipFile(folder / "model.skops", "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    digest = sha256_of(folder / "model.skops")
    write_manifest(folder, Manifest(format="skops", file="model.skops", sha256=digest))


@given(choice=st.integers(0, 100_000), value=STRANGE)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_forged_description_is_refused_or_harmless(
    folder: Path, tmp_path: Path, choice: int, value: object
) -> None:
    forge(tmp_path, folder, choice, value)

    with contextlib.suppress(ModelError):
        load_model(tmp_path)


def test_what_skops_trips_over_is_an_error_of_ours(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as new:
        new.writestr(SCHEMA, json.dumps({"__class__": {}, "__module__": [], "__loader__": 7}))
    digest = sha256_of(tmp_path / "model.skops")
    write_manifest(tmp_path, Manifest(format="skops", file="model.skops", sha256=digest))

    with pytest.raises(ModelError, match="damaged or forged"):
        load_model(tmp_path)
