"""The data sets of the benchmark: shipped in PyPI packages, or generated. Nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

BANK = Path(__file__).parents[3] / "shared" / "data" / "bankmarketing_train.csv"


@dataclass(frozen=True)
class Benchmark:
    """A data set and what it stands for.

    Attributes:
        name: Its name in the tables.
        task: ``binary``, ``multiclass`` or ``regression``.
        stands_for: The kind of data it is.
        make: Returns the frame; the label is the column ``label``. Generated sets depend on the
            seed, shipped ones do not.
        splits: How many splits are compared. Three of the 88 to 360 test rows of a small data set
            decide nothing, so those with fewer than 2,000 rows have sixteen.
    """

    name: str
    task: str
    stands_for: str
    make: Callable[[int], pd.DataFrame]
    splits: int = 3


def split(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 80 % of the rows to learn from and 20 % to judge by."""
    order = np.random.default_rng(seed).permutation(len(frame))
    cut = round(0.8 * len(frame))
    return (
        frame.iloc[order[:cut]].reset_index(drop=True),
        frame.iloc[order[cut:]].reset_index(drop=True),
    )


def _bank(_seed: int) -> pd.DataFrame:
    return pd.read_csv(BANK).rename(columns={"y": "label"})


def _digits(_seed: int) -> pd.DataFrame:
    from sklearn.datasets import load_digits

    data = load_digits(as_frame=True)
    return data.frame.rename(columns={"target": "label"})


def _diabetes(_seed: int) -> pd.DataFrame:
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame.rename(columns={"target": "label"})


def _cancer(_seed: int) -> pd.DataFrame:
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(as_frame=True).frame.rename(columns={"target": "label"})


def _wide(seed: int) -> pd.DataFrame:
    from sklearn.datasets import make_classification

    x, y = make_classification(
        3000, 400, n_informative=25, n_redundant=40, n_clusters_per_class=3, class_sep=0.9,
        flip_y=0.03, random_state=seed,
    )  # fmt: skip
    return _frame(x, y)


def _categories(seed: int) -> pd.DataFrame:
    """Three columns of many categories, whose effects are drawn once per category."""
    random = np.random.default_rng(seed)
    rows = 20_000
    sizes = {"shop": 1500, "article": 400, "town": 120, "channel": 6}
    frame, signal = {}, np.zeros(rows)
    for name, size in sizes.items():
        code = (random.zipf(1.3, rows) - 1) % size
        effect = random.normal(0, 0.8, size)
        frame[name] = np.char.add(f"{name}-", code.astype(str))
        signal += effect[code]
    number = random.normal(size=(rows, 4))
    signal += 0.6 * number[:, 0] + 0.5 * number[:, 1] * (frame["channel"] == "channel-1")
    for place in range(4):
        frame[f"number{place}"] = number[:, place]
    frame["label"] = np.where(random.random(rows) < 1 / (1 + np.exp(-signal)), "buy", "leave")
    return pd.DataFrame(frame)


def _missing(seed: int) -> pd.DataFrame:
    """Half of the values are missing, more often where they are large."""
    from sklearn.datasets import make_classification

    x, y = make_classification(
        8000, 30, n_informative=15, n_redundant=5, n_clusters_per_class=4, flip_y=0.05,
        random_state=seed,
    )  # fmt: skip
    random = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-x / x.std(axis=0)))
    return _frame(np.where(random.random(x.shape) < 0.7 * chance, np.nan, x), y)


def _imbalanced(seed: int) -> pd.DataFrame:
    from sklearn.datasets import make_classification

    x, y = make_classification(
        25_000, 20, n_informative=8, n_clusters_per_class=3, weights=[0.98], flip_y=0.005,
        class_sep=0.8, random_state=seed,
    )  # fmt: skip
    return _frame(x, y)


def _dates_and_text(seed: int) -> pd.DataFrame:
    """A complaint with a date and a few words; the label is the days it took."""
    random = np.random.default_rng(seed)
    rows = 6000
    topics = {
        "delivery": [
            "parcel",
            "late",
            "courier",
            "missing",
            "box",
            "damaged",
            "street",
            "neighbour",
            "waiting",
        ],
        "billing": [
            "invoice",
            "charged",
            "twice",
            "refund",
            "card",
            "bank",
            "payment",
            "wrong",
            "amount",
        ],
        "login": [
            "password",
            "reset",
            "account",
            "locked",
            "mail",
            "code",
            "phone",
            "screen",
            "error",
        ],
    }
    names = list(topics)
    topic = random.integers(0, 3, rows)
    urgent = random.random(rows) < 0.2
    filler = [
        "please",
        "the",
        "my",
        "and",
        "help",
        "with",
        "since",
        "again",
        "still",
        "customer",
        "number",
    ]
    texts = [
        " ".join(
            random.permutation(
                [
                    *random.choice(topics[names[place]], 5),
                    *random.choice(filler, random.integers(3, 12)),
                    *(["urgent"] if hurry else []),
                ]
            )
        )
        for place, hurry in zip(topic, urgent, strict=True)
    ]
    dates = pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 730, rows), unit="D")
    days = np.array([6.0, 9.0, 2.5])[topic] * np.where(urgent, 0.5, 1.0)
    days += 3.0 * (dates.dayofweek >= 4) + 2.0 * (dates.month == 12)
    return pd.DataFrame(
        {
            "received": dates.strftime("%Y-%m-%d"),
            "text": texts,
            "amount": random.gamma(2.0, 40.0, rows).round(2),
            "label": (days * random.gamma(20.0, 1 / 20.0, rows)).round(2),
        }
    )


def _terrain(seed: int) -> pd.DataFrame:
    """Seven unequal classes by curved borders, as in data on land cover."""
    random = np.random.default_rng(seed)
    rows = 15_000
    x = random.normal(size=(rows, 12))
    centres = random.normal(0, 1.6, size=(7, 12))
    score = -0.5 * ((x[:, None, :] - centres) ** 2 * random.gamma(1, 0.5, (7, 12))).sum(axis=2)
    score += np.sin(2 * x[:, :7]) + random.gumbel(0, 0.7, size=(rows, 7))
    frame = _frame(x, score.argmax(axis=1))
    frame["soil"] = np.char.add(
        "s", ((x[:, 0] + random.normal(0, 0.4, rows)) * 4).astype(int).astype(str)
    )
    return frame


def _friedman(seed: int) -> pd.DataFrame:
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(4000, 12, noise=1.0, random_state=seed)
    return _frame(x, y)


def _frame(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=[f"x{place}" for place in range(x.shape[1])])
    return frame.assign(label=y)


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark("bank", "binary", "mixed columns, 11 % positive", _bank),
    Benchmark("digits", "multiclass", "ten classes, small", _digits, splits=16),
    Benchmark("diabetes", "regression", "tiny", _diabetes, splits=16),
    Benchmark("cancer", "binary", "tiny, numbers only", _cancer, splits=16),
    Benchmark("wide", "binary", "400 columns", _wide),
    Benchmark("categories", "binary", "many categories", _categories),
    Benchmark("missing", "binary", "missing values", _missing),
    Benchmark("imbalanced", "binary", "2 % positive", _imbalanced),
    Benchmark("dates_text", "regression", "dates and text", _dates_and_text),
    Benchmark("terrain", "multiclass", "seven classes", _terrain),
    Benchmark("friedman", "regression", "smooth function", _friedman),
)
