"""An error suggests the word that was probably meant."""

from __future__ import annotations

import pytest

from bankml.suggestions import did_you_mean, nearest

METRICS = ("accuracy", "AUC_weighted", "norm_macro_recall")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Accuracy", "accuracy"),
        ("AUC_wighted", "AUC_weighted"),
        ("auc", "AUC_weighted"),
        ("acc", "accuracy"),
        ("a", None),
        ("", None),
        ("speed", None),
    ],
)
def test_the_nearest_word_ignores_case_and_may_be_begun_only(
    given: str, expected: str | None
) -> None:
    assert nearest(given, METRICS) == expected


def test_the_question_is_left_out_where_nothing_is_near() -> None:
    assert did_you_mean("Y", ["x", "y"]) == " Did you mean 'y'?"
    assert did_you_mean("speed", ["x", "y"]) == ""
