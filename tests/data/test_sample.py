"""The sample is always the same, resembles the real data, and is never taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bankml.config import DatasetConfig
from bankml.data import load_source
from bankml.data.frames import fingerprint_table, table_from_frame
from bankml.data.sample import FINGERPRINT, sample_frame

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return sample_frame()


def test_the_sample_is_the_same_on_every_machine(sample: pd.DataFrame) -> None:
    assert fingerprint_table(table_from_frame(sample)) == FINGERPRINT


def test_the_sample_has_the_published_shape(sample: pd.DataFrame) -> None:
    assert sample.shape == (32_950, 21)
    assert int((sample["y"] == "yes").sum()) == 3692
    assert not sample.isna().any(axis=None)
    assert sample["age"].mean() == pytest.approx(40.04, abs=0.3)
    assert sample["duration"].mean() == pytest.approx(257.3, abs=10)
    assert sample["campaign"].max() <= 56
    quartiles = sample["euribor3m"].quantile([0.25, 0.5, 0.75]).tolist()
    assert quartiles == pytest.approx([1.344, 4.857, 4.961], abs=0.002)


def test_days_since_the_last_contact_fit_the_history(sample: pd.DataFrame) -> None:
    never = sample["poutcome"] == "nonexistent"

    assert (sample.loc[never, "pdays"] == 999).all()
    assert (sample.loc[never, "previous"] == 0).all()
    assert (sample.loc[~never, "previous"] > 0).all()
    assert (sample.loc[sample["poutcome"] == "success", "pdays"] < 999).all()


def test_each_month_has_the_indicators_of_its_time(sample: pd.DataFrame) -> None:
    indicators = ["month", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "nr.employed"]

    assert len(sample[indicators].drop_duplicates()) <= 26


def test_the_signal_is_realistic(sample: pd.DataFrame) -> None:
    from lightgbm import LGBMClassifier
    from sklearn.metrics import roc_auc_score

    features = pd.get_dummies(sample.drop(columns="y"), dtype=float).to_numpy()
    label = (sample["y"] == "yes").to_numpy()
    model = LGBMClassifier(n_estimators=60, num_leaves=15, n_jobs=1, verbose=-1)
    model.fit(features[8000:], label[8000:])

    auc = roc_auc_score(label[:8000], np.asarray(model.predict_proba(features[:8000]))[:, 1])

    assert 0.925 < auc < 0.955


def test_the_sample_resembles_the_real_data(sample: pd.DataFrame, bank_csv: Path) -> None:
    real = pd.read_csv(bank_csv)
    texts = [name for name in real if not pd.api.types.is_numeric_dtype(real[name])]

    assert sample.dtypes.to_dict() == real.dtypes.to_dict()
    for name in texts:
        shares = [frame[name].value_counts(normalize=True) for frame in (sample, real)]
        assert set(shares[0].index) == set(shares[1].index)
        assert (shares[0] - shares[1]).abs().max() < 0.01
    numbers = [name for name in real if name not in texts]
    ours, theirs = sample[numbers].describe().T, real[numbers].describe().T
    spread = theirs["std"]
    assert ((ours["mean"] - theirs["mean"]).abs() < 0.05 * spread).all()
    assert ((ours["std"] / theirs["std"] - 1).abs() < 0.1).all()
    for quartile in ("25%", "50%", "75%"):
        assert ((ours[quartile] - theirs[quartile]).abs() < 0.1 * spread).all()


def test_no_generated_row_is_an_observed_one(sample: pd.DataFrame, bank_csv: Path) -> None:
    real = pd.read_csv(bank_csv)

    assert len(sample.merge(real, how="inner")) < 5


def test_the_sample_says_that_it_is_synthetic() -> None:
    loaded = load_source(DatasetConfig(source="sample"))

    assert loaded is not None
    assert loaded.synthetic
    assert loaded.source == "sample"
    assert loaded.fingerprint == FINGERPRINT
    assert load_source(DatasetConfig(source="sample"), previous=loaded.state) is None
