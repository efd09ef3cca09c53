"""Trees of a loaded model that point outside of themselves are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.tree import DecisionTreeRegressor

from bankml.backends.local.automl.features.encoding import FrameEncoding
from bankml.backends.local.automl.models.booster import BoosterModel
from bankml.backends.local.automl.models.encoder import FrameEncoder
from bankml.backends.local.automl.sound_trees import check_trees
from bankml.errors import UntrustedModelError

if TYPE_CHECKING:
    from collections.abc import Callable

random = np.random.default_rng(0)
MATRIX = np.column_stack([random.normal(size=(400, 2)), random.integers(0, 6, 400)])
TARGET = MATRIX[:, 0] + 3 * np.isin(MATRIX[:, 2], [1, 4])


def text(**parameters: Any) -> str:
    data = lightgbm.Dataset(
        MATRIX, TARGET > 1.5, categorical_feature=[2],
        params={"verbosity": -1, "max_cat_to_onehot": 1, "min_data_per_group": 1, "cat_smooth": 1},
    )  # fmt: skip
    settings = {"objective": "binary", "num_leaves": 8, "verbosity": -1, **parameters}
    made: str = lightgbm.train(settings, data, 4).model_to_string()
    return made


def test_trees_as_lightgbm_writes_them_are_sound() -> None:
    written = text()

    check_trees(BoosterModel(written))

    assert "num_cat=0" not in written.split("Tree=1")[0]


@pytest.mark.parametrize(
    ("line", "forged"),
    [
        ("left_child", "9999"),
        ("right_child", "0"),
        ("left_child", "-9999"),
        ("split_feature", "3"),
        ("split_feature", "-1"),
        ("cat_boundaries", "-5"),
        ("threshold", "9999"),
        ("num_leaves", "9"),
        ("num_leaves", "0"),
        ("left_child", "seven"),
        ("left_child", "99999999999999999999"),
        ("is_linear", "1"),
        ("num_class", "2"),
        ("num_tree_per_iteration", "3"),
        ("tree_sizes", "5"),
    ],
)
def test_a_forged_text_is_refused(line: str, forged: str) -> None:
    written = text()
    # Of the first tree the first number; its length stays, so that only the number is wrong.
    pattern = re.compile(rf"^({line}=)([^ \n]+)", re.MULTILINE)
    changed = pattern.sub(rf"\g<1>{forged}", written, count=1)
    before, after = (len(each.encode()) for each in (written, changed))
    if line not in ("num_class", "num_tree_per_iteration", "tree_sizes"):
        first = re.search(r"^tree_sizes=(\d+)", changed, re.MULTILINE)
        assert first is not None
        size = int(first[1]) + after - before
        changed = changed.replace(first[0], f"tree_sizes={size}", 1)
    assert changed != written

    with pytest.raises(UntrustedModelError, match="damaged or forged"):
        check_trees(BoosterModel(changed))


def test_a_text_that_was_cut_off_is_refused() -> None:
    written = text()

    for share in (0.2, 0.5):
        with pytest.raises(UntrustedModelError):
            check_trees(BoosterModel(written[: int(len(written) * share)]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("left", 10_000),
        ("right", 0),
        ("feature_idx", 3),
        ("feature_idx", -1),
        ("is_categorical", 1),
    ],
)
def test_a_forged_histogram_tree_is_refused(field: str, value: int) -> None:
    model = HistGradientBoostingRegressor(max_iter=3).fit(MATRIX, TARGET)
    check_trees([model])

    model._predictors[1][0].nodes[field][0] = value

    with pytest.raises(UntrustedModelError, match="damaged or forged"):
        check_trees([model])


@pytest.mark.parametrize(
    ("field", "value"),
    [("children_left", 10_000), ("children_right", 0), ("feature", 3), ("feature", -1)],
)
def test_a_forged_tree_of_a_forest_is_refused(field: str, value: int) -> None:
    forest = RandomForestClassifier(2, random_state=0).fit(MATRIX, TARGET > 1.5)
    check_trees(forest)

    getattr(forest.estimators_[1].tree_, field)[0] = value

    with pytest.raises(UntrustedModelError, match="damaged or forged"):
        check_trees(forest)


def hidden_in_a_list(tree: Any) -> Any:
    return [tree]


def hidden_in_an_array_of_objects(tree: Any) -> Any:
    array = np.empty((1, 1), dtype=object)
    array[0, 0] = tree
    return array


def hidden_in_a_mapping(tree: Any) -> Any:
    return {"tree": tree}


def hidden_in_an_encoder(tree: Any) -> Any:
    return FrameEncoder.from_encoding(FrameEncoding((tree,), ()), derive=True)


def hidden_in_a_circle(tree: Any) -> Any:
    circle: list[Any] = []
    circle += [circle, tree]
    return circle


@pytest.mark.parametrize(
    "hidden",
    [
        hidden_in_a_list,
        hidden_in_an_array_of_objects,
        hidden_in_a_mapping,
        hidden_in_an_encoder,
        hidden_in_a_circle,
    ],
)
def test_a_forged_tree_is_found_wherever_it_is(hidden: Callable[[Any], Any]) -> None:
    tree = DecisionTreeRegressor(max_depth=2).fit(MATRIX, TARGET)
    tree.column, tree.names = "column", ("column",)
    check_trees(hidden(tree))

    tree.tree_.children_left[0] = 10_000

    with pytest.raises(UntrustedModelError, match="damaged or forged"):
        check_trees(hidden(tree))
