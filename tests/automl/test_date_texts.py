"""Dates in texts mean in prediction what they meant in training."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.data.meaning import Meaning
from bankml.backends.local.automl.data.preparation import prepare
from bankml.backends.local.automl.features.date_texts import dates_in_texts
from bankml.backends.local.automl.models.encoder import FrameEncoder
from bankml.backends.local.tables import write_table
from bankml.config import DatasetConfig
from bankml.data import load_source
from bankml.errors import DataError, DataWarning

if TYPE_CHECKING:
    from pathlib import Path

DAYS = pd.Series(pd.date_range("2024-01-01", "2025-12-31"))
FORMS = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%Y %H:%M")
FIRST_OF_AUGUST = 20666.0
"""2026-08-01, in days since 1970."""


def days_of(encoder: FrameEncoder, *texts: Any) -> list[float]:
    """Return the days since 1970 that an encoder makes of dates."""
    encoded = encoder.transform(pd.DataFrame({"when": list(texts)}))
    return [float(day) for day in encoded[:, 0]]


def encoder_of(values: Any) -> FrameEncoder:
    return FrameEncoder().fit(pd.DataFrame({"when": values}))


@pytest.mark.parametrize("form", FORMS)
def test_texts_are_read_as_they_were_written(form: str) -> None:
    encoder = encoder_of(DAYS.dt.strftime(form))

    assert days_of(encoder, pd.Timestamp("2026-08-01").strftime(form)) == [FIRST_OF_AUGUST]


@given(
    days=st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1),
    form=st.sampled_from(FORMS),
)
def test_every_date_that_is_written_is_read(days: list[Any], form: str) -> None:
    texts = pd.Series([day.strftime(form) for day in days])

    dates = dates_in_texts(texts, day_first=form.startswith("%d"))

    assert [each.date() for each in dates] == days


def test_missing_texts_stay_missing_and_rows_keep_their_index() -> None:
    texts = pd.Series(["01/08/2026", None, "01/08/2026"], index=[7, 7, 9])

    dates = dates_in_texts(texts, day_first=True)

    assert dates.isna().tolist() == [False, True, False]
    assert dates.index.tolist() == [7, 7, 9]


def test_a_date_in_the_other_order_is_said_and_not_turned_round() -> None:
    encoder = encoder_of(DAYS.dt.strftime("%d/%m/%Y"))

    with pytest.warns(DataWarning, match="it had only dates, and here it has '08/13/2026'"):
        assert np.isnan(days_of(encoder, "08/13/2026"))


def test_an_order_that_shows_is_used_where_training_had_timestamps() -> None:
    encoder = encoder_of(DAYS)

    assert days_of(encoder, "01/08/2026", "13/08/2026")[0] == FIRST_OF_AUGUST
    assert days_of(encoder, "08/01/2026", "08/13/2026")[0] == FIRST_OF_AUGUST
    assert days_of(encoder, "2026-08-01") == [FIRST_OF_AUGUST]


def test_an_order_that_nobody_can_tell_is_refused_where_training_had_timestamps() -> None:
    with pytest.raises(DataError, match=r"'01/08/2026', .* dayfirst=True"):
        days_of(encoder_of(DAYS), "01/08/2026")


def test_numbers_are_no_dates() -> None:
    with pytest.warns(DataWarning, match="it had only dates, and here it has '20260801'"):
        assert np.isnan(days_of(encoder_of(DAYS), 20260801))


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"])
def test_a_model_of_a_csv_file_reads_dates_as_the_file_has_them(tmp_path: Path, form: str) -> None:
    texts = DAYS.dt.strftime(form)
    frame = pd.DataFrame({"when": texts, "label": np.where(DAYS.dt.month > 6, "late", "early")})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    loaded = load_source(DatasetConfig(source=str(tmp_path / "rows.csv")))
    assert loaded is not None
    write_table(loaded.table, tmp_path / "rows.parquet")

    settings = AutoMLSettings("classification", "label")
    prepare(tmp_path / "rows.parquet", settings, tmp_path / "run")
    encoding = Meaning.read(tmp_path / "run").encoding

    encoder = FrameEncoder.from_encoding(encoding, derive=True)
    assert days_of(encoder, pd.Timestamp("2026-08-01").strftime(form)) == [FIRST_OF_AUGUST]
