"""Which rows to act on: thresholds by F1, by a contact budget, or by cost and value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ThresholdChoice:
    """A threshold and what happens on the evaluation data when it is used.

    A row is contacted when its probability is at least the threshold.

    Attributes:
        threshold: Probability from which a row is contacted; above 1 where none should be.
        reason: Why this one, in words.
        contacted: Number of rows contacted.
        captured: Number of positive rows among them.
        precision: Share of the contacted rows that are positive; 0 where none is contacted.
        recall: Share of all positive rows that are contacted.
        f1: F1 score of the positive class.
        profit: Value of the captured rows less the cost of the contacts, in the caller's
            currency; None where no cost was given.
    """

    threshold: float
    reason: str
    contacted: int
    captured: int
    precision: float
    recall: float
    f1: float
    profit: float | None = None


@dataclass(frozen=True)
class Ranking:
    """Rows ranked by their probability of the positive class, the highest first.

    Attributes:
        thresholds: The distinct probabilities, falling.
        contacted: Rows with at least this probability, for each threshold.
        captured: Positive rows among them, for each threshold.
    """

    thresholds: NDArray[np.float64]
    contacted: NDArray[np.int64]
    captured: NDArray[np.int64]

    @classmethod
    def of(cls, positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> Ranking:
        """Rank rows by score.

        Args:
            positive: Whether each row is positive, shape ``(rows,)``.
            scores: Probability of the positive class, shape ``(rows,)``.
        """
        import numpy as np

        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        return cls(ranked[ends], ends + 1, np.cumsum(positive[order])[ends])

    @property
    def rows(self) -> int:
        """Number of all rows."""
        return int(self.contacted[-1])

    @property
    def positives(self) -> int:
        """Number of positive rows."""
        return int(self.captured[-1])

    def by_f1(self) -> ThresholdChoice:
        """Choose the threshold with the highest F1 score of the positive class."""
        f1 = 2 * self.captured / (self.contacted + self.positives)
        return self._choice(int(f1.argmax()), "the highest F1 score")

    def by_contacts(
        self, *, count: int | None = None, share: float | None = None
    ) -> ThresholdChoice:
        """Choose the lowest threshold that keeps to a contact budget.

        Rows with the same probability are contacted together or not at all, so a little of the
        budget may be left over.

        Args:
            count: Rows that may be contacted at the most.
            share: Or the share of all rows that may be contacted, between 0 and 1.

        Raises:
            DataError: Neither or both were given, or the value is out of its range.
        """
        if (count is None) == (share is None):
            raise DataError("Give the contact budget either as count= or as share=, not as both.")
        if share is not None and not 0 <= share <= 1:
            raise DataError(f"A contact budget's share lies between 0 and 1, not at {share}.")
        budget = count if count is not None else int((share or 0.0) * self.rows + 1e-9)
        if budget < 0:
            raise DataError(f"A contact budget can't be negative ({budget}).")
        affordable = int((self.contacted <= budget).sum()) - 1
        return self._choice(affordable, f"at most {budget:,} contacts")

    def by_profit(self, *, cost_per_contact: float, value_per_success: float) -> ThresholdChoice:
        """Choose the threshold with the highest profit on the evaluation data.

        Args:
            cost_per_contact: What one contact costs, for example a call.
            value_per_success: What one positive row is worth, for example a subscription, in the
                same currency.

        Raises:
            DataError: The cost or the value is negative.
        """
        if cost_per_contact < 0 or value_per_success < 0:
            raise DataError("Cost per contact and value per success can't be negative.")
        profit = value_per_success * self.captured - cost_per_contact * self.contacted
        best = int(profit.argmax())
        if profit[best] <= 0:
            return self._choice(-1, "no contact pays for itself", profit=0.0)
        reason = f"the highest profit at {cost_per_contact:g} a contact, {value_per_success:g} each"
        return self._choice(best, reason, profit=float(profit[best]))

    def captured_by(self, share: float) -> float:
        """Return the share of all positive rows among the ``share`` of rows scored highest.

        Inside a group of equal scores the positive rows count as spread evenly.
        """
        import numpy as np

        found = np.interp(share * self.rows, [0, *self.contacted], [0, *self.captured])
        return float(found / self.positives)

    def gains(self, parts: int = 10) -> pd.DataFrame:
        """Return the gains table.

        Args:
            parts: Into how many equal parts the ranked rows are cut.

        Returns:
            A row per part: ``contacted_share`` and ``captured_share`` (both cumulative, 0 to 1),
            ``lift`` (how many times the average rate of positives, cumulative) and ``threshold``.
        """
        import numpy as np
        import pandas as pd

        shares = np.arange(1, parts + 1) / parts
        captured = np.array([self.captured_by(share) for share in shares])
        needed = np.searchsorted(self.contacted, np.ceil(shares * self.rows - 1e-9))
        return pd.DataFrame(
            {
                "contacted_share": shares,
                "captured_share": captured,
                "lift": captured / shares,
                "threshold": self.thresholds[np.minimum(needed, len(self.thresholds) - 1)],
            }
        )

    def _choice(self, at: int, reason: str, profit: float | None = None) -> ThresholdChoice:
        """Describe the threshold with this number; -1 stands for contacting nobody."""
        if at < 0:
            above = float(max(1.0, self.thresholds[0])) + 1e-9
            return ThresholdChoice(above, reason, 0, 0, 0.0, 0.0, 0.0, profit)
        contacted, captured = int(self.contacted[at]), int(self.captured[at])
        return ThresholdChoice(
            threshold=float(self.thresholds[at]),
            reason=reason,
            contacted=contacted,
            captured=captured,
            precision=captured / contacted,
            recall=captured / self.positives,
            f1=2 * captured / (contacted + self.positives),
            profit=profit,
        )
