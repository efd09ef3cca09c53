"""Which parameters tell candidates apart, for any candidates."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bankml import RunStatus
from bankml.backends.base import ChildRecord
from bankml.differing_parameters import differing_parameters, in_words

PARAMETERS = st.dictionaries(
    st.sampled_from(["C", "num_leaves", "learning_rate"]), st.sampled_from([1, 2, 0.5, "auto"])
)


def child(number: int, algorithm: str, parameters: dict[str, Any]) -> ChildRecord:
    return ChildRecord(
        f"r_{number}", number, algorithm, "", RunStatus.FINISHED, 0.5, {}, parameters
    )


@given(st.lists(st.tuples(st.sampled_from(["LightGBM", "SVM"]), PARAMETERS), max_size=8))
def test_candidates_that_differ_are_told_apart_by_values_of_their_own(
    given_candidates: list[tuple[str, dict[str, Any]]],
) -> None:
    children = [child(number, *each) for number, each in enumerate(given_candidates)]

    shown = differing_parameters(children)

    all_of: dict[str, set[str]] = defaultdict(set)
    some_of: dict[str, set[str]] = defaultdict(set)
    for one, parameters in zip(children, shown, strict=True):
        assert parameters.items() <= one.parameters.items()
        all_of[one.algorithm].add(repr(sorted(one.parameters.items())))
        some_of[one.algorithm].add(repr(sorted(parameters.items())))
    for algorithm, whole in all_of.items():
        assert len(some_of[algorithm]) == len(whole)


def test_two_parameters_are_shown_where_one_is_not_enough() -> None:
    settings = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 2, "b": 2}]
    children = [child(number, "SVM", each) for number, each in enumerate(settings)]

    assert differing_parameters(children) == settings


def test_numbers_have_few_digits() -> None:
    assert in_words({"C": 0.333333333, "leaves": 31, "kernel": "rbf"}) == (
        "C=0.3333, leaves=31, kernel=rbf"
    )
