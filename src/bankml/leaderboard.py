"""The leaderboard: an AutoML run's candidates, best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from bankml.differing_parameters import differing_parameters, in_words
from bankml.metrics.best import best_first, is_score
from bankml.metrics.names import is_greater_better
from bankml.status import RunStatus

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
    from rich.table import Table
    from rich.text import Text

    from bankml.backends.base import ChildRecord

BAR_CELLS = 10
NOTHING = "-"
_LONGEST_ERROR = 120
_ANY_WIDTH = 1_000
_BARS = ""
_STATES = "Status"
_BLOCKS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class LeaderboardRow:
    """One candidate with its place.

    Attributes:
        rank: Its place from 1, or None for a candidate without a score.
        child: What is known of it.
    """

    rank: int | None
    child: ChildRecord

    @property
    def score(self) -> float | None:
        """Value of the primary metric."""
        return self.child.score

    @property
    def algorithm(self) -> str:
        """Azure ML's name of the algorithm."""
        return self.child.algorithm

    @property
    def metrics(self) -> dict[str, float]:
        """All its metrics by name."""
        return dict(self.child.metrics)


class Leaderboard(Sequence[LeaderboardRow]):
    """The candidates of a run, best first; those without a score come last.

    Of equal candidates the ensemble is first, as that is the one a run delivers.

    Prints as a table in a terminal and shows as one in a notebook. Candidates of one name have the
    parameters beside it that tell them apart, and failed ones why they failed. The column of
    states is left out where all that are shown have finished, bars where a line is too short.

    Args:
        children: The candidates, in any order.
        primary_metric: Metric that ranks them.
        title: What the table is about.
    """

    def __init__(
        self, children: Sequence[ChildRecord], primary_metric: str, title: str = ""
    ) -> None:
        self.primary_metric = primary_metric
        self.title = title
        self._rows = tuple(_ranked(children, primary_metric))

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        """Return the row at a place, from 0; a slice gives a list of rows."""
        return list(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __iter__(self) -> Iterator[LeaderboardRow]:
        """Go through the rows, best first."""
        return iter(self._rows)

    @property
    def children(self) -> Sequence[ChildRecord]:
        """The candidates, best first."""
        return [row.child for row in self._rows]

    @property
    def best(self) -> LeaderboardRow | None:
        """The winner, or None while no candidate has a score."""
        return self._rows[0] if self._rows and self._rows[0].rank else None

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame with one row per candidate, best first, and a column per metric.

        ``parameters`` holds a dictionary of each candidate's hyperparameters.
        """
        import pandas as pd

        return pd.DataFrame([_record(row) for row in self._rows])

    def compare(self, other: Leaderboard) -> pd.DataFrame:
        """Compare the best score of every algorithm with that of another run.

        Args:
            other: The leaderboard to compare with, of the same primary metric.

        Returns:
            A frame by algorithm with the columns ``this``, ``other`` and ``difference``
            (positive: this one is better).

        Raises:
            ValueError: The primary metrics differ.
        """
        import pandas as pd

        if other.primary_metric != self.primary_metric:
            raise ValueError(
                f"{self.primary_metric} can't be compared with {other.primary_metric}; "
                "compare runs with the same primary_metric."
            )
        frame = pd.DataFrame({"this": self._best_scores(), "other": other._best_scores()})
        sign = 1.0 if is_greater_better(self.primary_metric) else -1.0
        frame["difference"] = sign * (frame["this"] - frame["other"])
        frame.index.name = "algorithm"
        return frame.sort_values("this", ascending=sign < 0)

    def relative(self, row: LeaderboardRow) -> float:
        """Return how good a row is between the worst (0) and the best (1) candidate."""
        scores = [one.score for one in self._rows if one.rank and one.score is not None]
        if row.score is None or row.rank is None:
            return 0.0
        low, high = min(scores), max(scores)
        share = 1.0 if high == low else (row.score - low) / (high - low)
        return share if is_greater_better(self.primary_metric) or high == low else 1.0 - share

    def _best_scores(self) -> pd.Series[float]:
        import pandas as pd

        best: dict[str, float] = {}
        for row in self._rows:
            if row.score is not None:
                best.setdefault(row.algorithm, row.score)
        return pd.Series(best, dtype=float)

    def table(self, limit: int | None = 10, width: int | None = None) -> Table:
        """Return the leaderboard as a rich table.

        Args:
            limit: Rows at the most, or None for all.
            width: Characters of a line, for which bars may have to be left out; None for as many
                as there need be.
        """
        from rich.console import Console

        table = self._table(limit)
        if width is None or Console(width=_ANY_WIDTH).measure(table).maximum <= width:
            return table
        return self._table(limit, bars=False)

    def _table(self, limit: int | None, *, bars: bool = True) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(title=self.title or None, title_justify="left", expand=False)
        shown = self._rows[:limit]
        headings = self._headings(shown, bars=bars)
        for heading in headings:
            justify: JustifyMethod = "left" if heading in ("Algorithm", _BARS) else "right"
            table.add_column(heading, justify=justify)
        for row, detail in zip(shown, self._details(), strict=False):
            name = Text(_name(row))
            if detail:
                name.append(f"\n{detail}", style="dim")
            cells = self._cells(row, name, _bar(self.relative(row)))
            table.add_row(*(cells[heading] for heading in headings))
        if len(shown) < len(self._rows):
            table.caption = f"{len(self._rows) - len(shown)} more; leaderboard.to_pandas() has all"
        return table

    def _headings(self, rows: Sequence[LeaderboardRow], *, bars: bool = True) -> list[str]:
        """Return the columns: without the bars, or states that say nothing, if need be."""
        finished = all(row.child.status is RunStatus.FINISHED for row in rows)
        left_out = {*(() if bars else (_BARS,)), *((_STATES,) if finished else ())}
        names = ("Rank", "Algorithm", self.primary_metric, _BARS, "Seconds", _STATES)
        return [name for name in names if name not in left_out]

    def _cells(self, row: LeaderboardRow, name: str | Text, bar: str) -> dict[str, str | Text]:
        seconds = row.child.duration_seconds
        return {
            "Rank": NOTHING if row.rank is None else str(row.rank),
            "Algorithm": name,
            self.primary_metric: NOTHING if row.score is None else f"{row.score:.5f}",
            _BARS: bar if row.rank else "",
            "Seconds": NOTHING if seconds is None else f"{seconds:.1f}",
            _STATES: str(row.child.status),
        }

    def _details(self) -> list[str]:
        """Return what stands below each name: why it failed, or what tells it from others."""
        differing = differing_parameters(self.children)
        return [
            shorten(child.error, _LONGEST_ERROR, placeholder="…")
            if child.error
            else in_words(parameters)
            for child, parameters in zip(self.children, differing, strict=True)
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table on a rich console."""
        yield self.table(width=options.max_width)

    def __str__(self) -> str:
        """Return the table as plain text."""
        from rich.console import Console

        console = Console(width=100, color_system=None, force_jupyter=False)
        with console.capture() as capture:
            console.print(self)
        return capture.get().rstrip()

    def __repr__(self) -> str:
        """Return the same text, so that a bare name in a console shows the table."""
        return str(self)

    def _repr_html_(self) -> str:
        headings = self._headings(self._rows)
        head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
        rows = zip(self._rows, self._details(), strict=True)
        body = "".join(self._html_row(row, detail, headings) for row, detail in rows)
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _html_row(self, row: LeaderboardRow, detail: str, headings: Sequence[str]) -> str:
        meter = f'<progress max="1" value="{self.relative(row):.3f}"></progress>'
        name = escape(_name(row)) + (f"<br><small>{escape(detail)}</small>" if detail else "")
        cells = self._cells(row, name, meter)
        return f"<tr>{''.join(f'<td>{cells[heading]}</td>' for heading in headings)}</tr>"


def _ranked(children: Sequence[ChildRecord], metric: str) -> Iterator[LeaderboardRow]:
    for rank, child in enumerate(best_first(children, metric), start=1):
        yield LeaderboardRow(rank, child)
    others = (child for child in children if not is_score(child.score))
    for child in sorted(others, key=lambda child: child.number):
        yield LeaderboardRow(None, child)


def _record(row: LeaderboardRow) -> dict[str, Any]:
    child = row.child
    return {
        "rank": row.rank,
        "id": child.id,
        "algorithm": child.algorithm,
        "preprocessor": child.preprocessor,
        "status": str(child.status),
        "score": child.score,
        "seconds": child.duration_seconds,
        "parameters": dict(child.parameters),
        **child.metrics,
    }


def _name(row: LeaderboardRow) -> str:
    return " + ".join(part for part in (row.child.preprocessor, row.algorithm) if part)


def _bar(share: float) -> str:
    """Draw a share, 0 to 1, as a bar of block characters."""
    full, rest = divmod(round(share * BAR_CELLS * 8), 8)
    return "█" * full + (_BLOCKS[rest] if rest else "")
