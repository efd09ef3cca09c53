"""The generated sample: rows like those of the Bank Marketing data, none of them observed.

Drawn from :mod:`bankml.data.sample_tables` by integer arithmetic on the raw output of the Philox
generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), which NumPy
promises not to change. So the rows are the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.data import sample_tables as tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Integers = npt.NDArray[np.int64]

ROWS = 32_950
FINGERPRINT = "1a4ae65b130dc290f6823673ece940154919eda01209d7e41a9008844b49e423"
"""SHA-256 of the generated table, as :func:`bankml.data.frames.fingerprint_table` gives it."""
_BITS = 32
_YES = 1


def sample_frame() -> pd.DataFrame:
    """Generate the sample.

    Returns:
        32,950 rows: 20 features with the names, categories and summary statistics of the Bank
        Marketing data, and the label ``y`` (11.2 % yes). The same rows each time.
    """
    import pandas as pd

    label = _label()
    period = _by_label(label, 1, [[p.calls[kind] for p in tables.PERIODS] for kind in (0, _YES)])
    era = _era()[period]
    columns = {
        **_person(label, era),
        **_call(label, era, period),
        **_history(label, era),
        **_economy(period),
        "y": _words(tables.LABELS, label),
    }
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


COLUMNS = (
    "age", "job", "marital", "education", "default", "housing", "loan", "contact", "month",
    "day_of_week", "duration", "campaign", "pdays", "previous", "poutcome", "emp.var.rate",
    "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed", "y",
)  # fmt: skip


def _person(label: Integers, era: Integers) -> dict[str, Any]:
    import numpy as np

    crisis = (era == 2).astype(np.int64)
    job = _choose(2, crisis * 2 + label, _flat(tables.JOB_COUNTS))
    age = _between(3, job, tables.AGE_SHARES, tables.AGES)
    band = np.searchsorted(np.array(tables.AGE_BANDS), age, "right")
    loans = _by_label(label, 4, tables.LOAN_COUNTS)
    return {
        "age": age,
        "job": _words(tables.JOBS, job),
        "marital": _words(tables.MARITALS, _choose(5, band, tables.MARITAL_COUNTS)),
        "education": _words(tables.EDUCATIONS, _choose(6, job, tables.EDUCATION_COUNTS)),
        "default": _words(
            tables.DEFAULTS, _choose(7, era * 2 + label, _flat(tables.DEFAULT_COUNTS))
        ),
        "housing": _words([housing for housing, _ in tables.LOANS], loans),
        "loan": _words([loan for _, loan in tables.LOANS], loans),
    }


def _call(label: Integers, era: Integers, period: Integers) -> dict[str, Any]:
    mobile = [(1000 - p.cellular, p.cellular) for p in tables.PERIODS]
    return {
        "contact": _words(tables.CONTACTS, _choose(9, period, mobile)),
        "month": _words([p.month for p in tables.PERIODS], period),
        "day_of_week": _words(tables.DAYS, _by_label(label, 10, tables.DAY_COUNTS)),
        "duration": _between(11, era * 2 + label, tables.DURATION_SHARES, _flat(tables.DURATIONS)),
        "campaign": _contacts(label),
    }


def _history(label: Integers, era: Integers) -> dict[str, Any]:
    import numpy as np

    outcome = _choose(12, era * 2 + label, _flat(tables.OUTCOME_COUNTS))
    shares = [(1000 - known, known) for known in tables.PDAYS_KNOWN]
    days = _choose(14, np.zeros_like(label), [tables.PDAYS_COUNTS])
    return {
        "pdays": np.where(_choose(13, outcome, shares) == 1, days, tables.NEVER),
        "previous": _choose(15, outcome, tables.PREVIOUS_COUNTS),
        "poutcome": _words(tables.OUTCOMES, outcome),
    }


def _economy(period: Integers) -> dict[str, Any]:
    import numpy as np

    def indicator(values: Sequence[int], scale: int) -> Any:
        return np.array(values)[period] / scale

    quartiles = [p.euribor3m for p in tables.PERIODS]
    return {
        "emp.var.rate": indicator([p.emp_var_rate for p in tables.PERIODS], 10),
        "cons.price.idx": indicator([p.cons_price_idx for p in tables.PERIODS], 1000),
        "cons.conf.idx": indicator([p.cons_conf_idx for p in tables.PERIODS], 10),
        "euribor3m": _between(16, period, (0, 25, 50, 75, 100), quartiles) / 1000,
        "nr.employed": indicator([p.nr_employed for p in tables.PERIODS], 10),
    }


def _label() -> Integers:
    """Return exactly the number of rows with label yes, at random places."""
    import numpy as np

    label = np.zeros(ROWS, dtype=np.int64)
    label[np.argsort(_draw(0), kind="stable")[: tables.YES_ROWS]] = _YES
    return label


def _era() -> Integers:
    import numpy as np

    employed = [p.nr_employed for p in tables.PERIODS]
    return np.array(
        [0 if n > tables.BOOM_ABOVE else 2 if n < tables.CRISIS_BELOW else 1 for n in employed]
    )


def _draw(stream: int) -> Integers:
    """Return a uniform integer below 2**32 for each row; each stream is independent."""
    import numpy as np

    raw = np.random.Philox(key=stream).random_raw(ROWS)
    uniform: Integers = (raw >> np.uint64(64 - _BITS)).astype(np.int64)
    return uniform


def _choose(stream: int, group: Integers, counts: Sequence[Sequence[int]]) -> Integers:
    """Draw a category for each row, in proportion to the counts of the row's group."""
    import numpy as np

    def draw(number: int, uniform: Integers) -> Integers:
        bounds = np.cumsum(np.array(counts[number], dtype=np.int64))
        codes: Integers = np.searchsorted(bounds, (uniform * bounds[-1]) >> _BITS, "right")
        return codes

    return _grouped(stream, group, draw)


def _between(
    stream: int, group: Integers, shares: Sequence[int], values: Sequence[Sequence[int]]
) -> Integers:
    """Draw the nearest integer for each row, uniformly between the quantiles of its group."""
    half = 1 << (_BITS - 1)
    return _grouped(
        stream, group, lambda number, u: (_quantile(u, shares, values[number]) + half) >> _BITS
    )


def _quantile(uniform: Integers, shares: Sequence[int], values: Sequence[int]) -> Integers:
    """Return the values at uniform places of a distribution, times 2**32."""
    import numpy as np

    bounds, knots = np.array(shares, dtype=np.int64), np.array(values, dtype=np.int64)
    scaled = uniform * bounds[-1]
    left = np.searchsorted(bounds << _BITS, scaled, "right") - 1
    inside = (scaled - (bounds[left] << _BITS)) // (bounds[left + 1] - bounds[left])
    quantile: Integers = (knots[left] << _BITS) + (knots[left + 1] - knots[left]) * inside
    return quantile


def _grouped(stream: int, group: Integers, draw: Callable[[int, Integers], Integers]) -> Integers:
    import numpy as np

    uniform, drawn = _draw(stream), np.empty(ROWS, dtype=np.int64)
    for number in np.unique(group):
        rows = group == number
        drawn[rows] = draw(int(number), uniform[rows])
    return drawn


def _by_label(label: Integers, stream: int, counts: Sequence[Sequence[int]]) -> Integers:
    return _choose(stream, label, counts)


def _contacts(label: Integers) -> Integers:
    def draw(number: int, uniform: Integers) -> Integers:
        return _quantile(uniform, tables.CAMPAIGN_SHARES[number], tables.CAMPAIGNS) >> _BITS

    return _grouped(8, label, draw)


def _words(words: Sequence[str], codes: Integers) -> Any:
    import numpy as np

    return np.array(words, dtype=object)[codes]


def _flat(nested: Sequence[Sequence[Sequence[int]]]) -> list[Sequence[int]]:
    return [inner for outer in nested for inner in outer]
