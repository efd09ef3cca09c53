from __future__ import annotations

from bankml.evaluation.importance import Importance
from bankml.evaluation.intervals import Interval
from bankml.evaluation.leakage import leakage_warnings

BANK = ["age", "duration", "campaign", "pdays", "poutcome", "euribor3m"]


def importance(**losses: float) -> Importance:
    columns = {name: Interval(loss, loss - 0.01, loss + 0.01) for name, loss in losses.items()}
    return Importance("AUC_weighted", score=0.9, columns=columns, rows=100, repeats=5)


def test_the_length_of_the_call_is_flagged_as_the_data_card_says() -> None:
    (warning,) = leakage_warnings(BANK)

    assert warning.column == "duration"
    assert "known only when it has ended" in str(warning)
    assert '"exclude_columns": ["duration"]' in str(warning)


def test_a_duration_in_other_data_is_not_suspicious_by_its_name() -> None:
    assert leakage_warnings(["age", "duration"]) == ()


def test_a_column_that_carries_most_of_the_skill_is_flagged() -> None:
    (warning,) = leakage_warnings(["age", "result"], importance(result=0.36, age=0.01))

    assert warning.column == "result"
    assert "takes 90% of the model's skill" in warning.reason


def test_a_column_that_carries_some_of_the_skill_is_not_flagged() -> None:
    assert leakage_warnings(["age"], importance(age=0.15)) == ()


def test_a_column_is_flagged_once() -> None:
    warnings = leakage_warnings(BANK, importance(duration=0.36))

    assert [warning.column for warning in warnings] == ["duration"]


def test_the_user_can_name_further_columns() -> None:
    warnings = leakage_warnings(["age", "refund"], known_afterwards={"refund": "paid afterwards"})

    assert [str(warning) for warning in warnings] == [
        "Column 'refund': paid afterwards. "
        'To train without it: "automl": {"exclude_columns": ["refund"]}.'
    ]
