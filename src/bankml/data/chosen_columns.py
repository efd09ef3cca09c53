"""The columns that the configuration names: are they there, and can the label be learned?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.errors import DataError
from bankml.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

    from bankml.config import AutoMLConfig

_ROWS_LOOKED_AT = 100
_NAMES_SHOWN = 30


def check_columns(names: Sequence[str], label: str, excluded: Sequence[str]) -> None:
    """Check that the label and the excluded columns are among the columns of the data.

    Args:
        names: The columns of the data.
        label: The configured ``automl.label_column_name``.
        excluded: The configured ``automl.exclude_columns``.

    Raises:
        DataError: One is not there, or there is no other column to learn from.
    """
    if label not in names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        raise DataError(
            f"There is no label column {label!r}.{did_you_mean(label, names)} The columns are "
            f"{shown}. Set automl.label_column_name to one of them (--label on the command line)."
        )
    check_excluded(names, excluded)
    if set(names) <= {label, *excluded}:
        raise DataError(
            f"There is no column to learn from beside the label {label!r}. Check the file's "
            "separator, and automl.exclude_columns."
        )


def check_excluded(names: Sequence[str], excluded: Sequence[str]) -> None:
    """Refuse to exclude what is not there: a misspelt name would leave its column in training.

    Args:
        names: The columns of the data.
        excluded: The configured ``automl.exclude_columns``.

    Raises:
        DataError: Some of the excluded columns are not among them.
    """
    unknown = [name for name in excluded if name not in names]
    if unknown:
        raise DataError(
            f"automl.exclude_columns names columns that are not there: {', '.join(unknown)}."
            f"{did_you_mean(unknown[0], names)} Correct the names, or leave them out."
        )


def check_schema(schema: pa.Schema, automl: AutoMLConfig) -> None:
    """Check names as :func:`check_columns` does, and that the label of a regression is a number.

    Args:
        schema: Names and types of the columns of the data.
        automl: The label's name, the task and the excluded columns.

    Raises:
        DataError: A column is not there, or the label can't be the target of the task.
    """
    import pyarrow as pa

    check_columns(schema.names, automl.label_column_name, automl.exclude_columns)
    kind = schema.field(automl.label_column_name).type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if automl.task == "regression" and not is_number:
        raise DataError(
            f"The label {automl.label_column_name!r} holds {kind}, but regression needs numbers. "
            "Set automl.task to 'classification', or convert the column."
        )


def check_planned_frame(frame: pd.DataFrame, automl: AutoMLConfig) -> None:
    """Check a frame as :func:`check_schema` does; types are those of its first rows.

    Args:
        frame: The rows.
        automl: The label's name, the task and the excluded columns.

    Raises:
        DataError: The frame can't be registered, a column is not there, or the label can't be the
            target of the task.
    """
    from bankml.data.frames import table_from_frame

    check_schema(table_from_frame(frame[:_ROWS_LOOKED_AT]).schema, automl)
