"""Do the trees of a model that was loaded stay within themselves?

scikit-learn and LightGBM follow the numbers in a tree without looking, so a damaged or forged file
could make them read memory that is not the tree's, or never end. In a sound tree each child is a
node that exists and comes behind its parent, and each feature is one that there is.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.errors import UntrustedModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

_IS_CATEGORICAL = 1
"""The bit of LightGBM's ``decision_type`` that says that a threshold is the place of a set."""


def check_trees(model: object) -> None:
    """Refuse trees that point outside of themselves.

    Args:
        model: Whatever was loaded.

    Raises:
        UntrustedModelError: A tree points outside of itself.
    """
    for part in _parts(model):
        if not _is_sound(part):
            raise UntrustedModelError(
                "The model holds a tree with nodes that do not exist: the file is damaged or "
                "forged, so it was not loaded. Train it again."
            )


def _parts(model: object) -> Iterator[object]:
    """Yield a model and everything inside it, each once, wherever a forger may have put it."""
    following, seen = [model], {}
    while following:
        part = following.pop()
        if id(part) in seen or isinstance(part, (str, bytes, type, ModuleType)):
            continue
        seen[id(part)] = part  # kept, so that no other gets its id
        yield part
        following += _inside(part)


def _inside(part: object) -> Iterable[object]:
    if isinstance(part, dict):
        return [*part.keys(), *part.values()]
    if isinstance(part, (list, tuple, set, frozenset)):
        return part
    if isinstance(part, np.ndarray):
        return part.ravel().tolist() if part.dtype == object else ()
    return list(getattr(part, "__dict__", {}).values())


def _is_sound(part: Any) -> bool:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.tree import BaseDecisionTree

    from bankml.backends.local.automl.models.booster import BoosterModel

    if isinstance(part, BaseDecisionTree):
        # A forest also holds one tree that is never fitted, as a template.
        return not hasattr(part, "tree_") or _is_sound_tree(part.tree_)
    if isinstance(part, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)):
        trees = [tree for round_ in part._predictors for tree in round_]  # noqa: SLF001  # no other
        return all(_is_sound_histogram_tree(tree.nodes, part.n_features_in_) for tree in trees)
    if isinstance(part, BoosterModel):
        try:
            return _is_sound_text(part.text)
        except (KeyError, ValueError, OverflowError):
            return False
    return True


def _is_sound_tree(tree: Any) -> bool:
    inner = tree.children_left != -1
    return bool(
        _are_behind(np.flatnonzero(inner), tree.children_left[inner], tree.node_count)
        and _are_behind(np.flatnonzero(inner), tree.children_right[inner], tree.node_count)
        and _are_within(tree.feature[inner], tree.n_features)
        and ((tree.children_right == -1) == ~inner).all()
    )


def _is_sound_histogram_tree(nodes: NDArray[Any], features: int) -> bool:
    inner = nodes["is_leaf"] == 0
    places, split = np.flatnonzero(inner), nodes[inner]
    return bool(
        len(nodes)
        and _are_behind(places, split["left"].astype(np.int64), len(nodes))
        and _are_behind(places, split["right"].astype(np.int64), len(nodes))
        and _are_within(split["feature_idx"], features)
        and not split["is_categorical"].any()
    )


def _is_sound_text(text: str) -> bool:
    """Tell it of a model in LightGBM's text format."""
    head, *trees = text.split("\nTree=")
    values = _values(head)
    per_round, features = int(values["num_tree_per_iteration"]), int(values["max_feature_idx"]) + 1
    # What follows the last tree does not belong to its size.
    trees[-1:] = [tree.split("\nend of trees")[0] for tree in trees[-1:]]
    sizes = _numbers(values.get("tree_sizes", ""))
    return (
        per_round == int(values["num_class"])
        and len(trees) % per_round == 0
        and [len(f"Tree={tree}\n".encode()) for tree in trees] == sizes.tolist()
        and all(_is_sound_block(_values(tree), features) for tree in trees)
    )


def _is_sound_block(values: Mapping[str, str], features: int) -> bool:
    leaves, sets = int(values["num_leaves"]), int(values["num_cat"])
    # Linear models in leaves have places of their own; ours have none.
    if leaves < 1 or len(values["leaf_value"].split()) != leaves or values["is_linear"] != "0":
        return False
    if leaves == 1:
        return True
    places = np.arange(leaves - 1)
    for side in ("left_child", "right_child"):
        child = _numbers(values[side])
        inner = child >= 0
        if not (
            len(child) == leaves - 1
            and _are_behind(places[inner], child[inner], leaves - 1)
            and _are_within(~child[~inner], leaves)
        ):
            return False
    return _are_within(_numbers(values["split_feature"]), features) and _are_sound_sets(
        values, leaves - 1, sets
    )


def _are_sound_sets(values: Mapping[str, str], nodes: int, sets: int) -> bool:
    """Tell whether nodes that split by categories name sets that there are."""
    by_set = (_numbers(values["decision_type"]) & _IS_CATEGORICAL) == _IS_CATEGORICAL
    thresholds = np.array(values["threshold"].split(), dtype=np.float64)
    if len(by_set) != nodes or len(thresholds) != nodes:
        return False
    if not _are_within(thresholds[by_set], sets):
        return False
    if not sets:
        return True
    bounds, words = _numbers(values["cat_boundaries"]), values["cat_threshold"].split()
    return bool(
        len(bounds) == sets + 1
        and bounds[0] == 0
        and (np.diff(bounds) >= 0).all()
        and bounds[-1] <= len(words)
    )


def _values(block: str) -> dict[str, str]:
    """Return the lines ``name=value``."""
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _numbers(text: str) -> NDArray[np.int64]:
    return np.array(text.split(), dtype=np.int64)


def _are_behind(parents: NDArray[Any], children: NDArray[Any], nodes: int) -> bool:
    return bool(((children > parents) & (children < nodes)).all())


def _are_within(places: NDArray[Any], number: int) -> bool:
    return bool(((places >= 0) & (places < number)).all())
