"""Warn of columns that tell the outcome: known only afterwards, or too good to be true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bankml.evaluation.importance import Importance

_COLLAPSE = 0.5
"""A column that carries more than this share of the skill is suspicious."""


@dataclass(frozen=True)
class DataCard:
    """What the makers of a public data set say about it.

    Attributes:
        name: Its name.
        recognised_by: Columns that a frame must have to be taken for this data set.
        known_afterwards: Columns known only after the outcome, with the reason.
    """

    name: str
    recognised_by: frozenset[str]
    known_afterwards: Mapping[str, str]


DATA_CARDS: tuple[DataCard, ...] = (
    DataCard(
        name="Bank Marketing",
        recognised_by=frozenset({"duration", "campaign", "pdays", "poutcome", "euribor3m"}),
        known_afterwards={
            "duration": "the length of the call is known only when it has ended, and so is the "
            "answer"
        },
    ),
)
"""Data sets whose cards are known here."""


@dataclass(frozen=True)
class LeakageWarning:
    """A column that may tell the outcome.

    Attributes:
        column: Its name.
        reason: Why it is suspected, one clause.
    """

    column: str
    reason: str

    @property
    def advice(self) -> str:
        """What to do about it."""
        return f'To train without it: "automl": {{"exclude_columns": ["{self.column}"]}}.'

    def __str__(self) -> str:
        """Return the warning and the advice in one line."""
        return f"Column {self.column!r}: {self.reason}. {self.advice}"


def leakage_warnings(
    columns: Iterable[str],
    importance: Importance | None = None,
    known_afterwards: Mapping[str, str] | None = None,
) -> tuple[LeakageWarning, ...]:
    """Find columns that may tell the outcome.

    Args:
        columns: The columns the model uses.
        importance: The model's permutation importance; without it only names are looked at.
        known_afterwards: Columns that you know to be known only after the outcome, with the
            reason; beside those of the data cards known here.

    Returns:
        A warning per suspected column: those known afterwards first, then those that carry more
        than half of the model's skill.
    """
    present = list(columns)
    known = _known_afterwards(frozenset(present)) | dict(known_afterwards or {})
    warnings = [LeakageWarning(name, known[name]) for name in present if name in known]
    if importance is not None:
        warnings += [
            LeakageWarning(name, reason)
            for name, reason in _collapsing(importance).items()
            if name not in known
        ]
    return tuple(warnings)


def _known_afterwards(columns: frozenset[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for card in DATA_CARDS:
        if card.recognised_by <= columns:
            known.update(card.known_afterwards)
    return known


def _collapsing(importance: Importance) -> dict[str, str]:
    """Return the columns whose shuffling takes more than half of the skill."""
    if importance.chance is None:
        return {}
    skill = importance.score - importance.chance
    found = {}
    for name, loss in importance.columns.items():
        if skill > 0 and loss.low > _COLLAPSE * skill:
            found[name] = (
                f"shuffling it takes {loss.estimate / skill:.0%} of the model's skill "
                f"({importance.metric}); check that it is known before the outcome"
            )
    return found
