"""Filter expressions of a dataset, as the SDK serialises them.

``dataset["age"] > 30`` is sent as a tree of JSON objects ``{"r": [kind, payload]}``. The kinds and
functions are those of ``azureml.dataprep.api.expressions``.
"""

from __future__ import annotations

import json
import operator
from typing import TYPE_CHECKING, Any

from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Value_Equals": operator.eq,
    "Value_LT": operator.lt,
    "Value_LE": operator.le,
    "Value_GT": operator.gt,
    "Value_GE": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "TrueDivide": operator.truediv,
    "FloorDivide": operator.floordiv,
    "Modulo": operator.mod,
    "Power": operator.pow,
}
_TEXT: dict[str, Callable[..., Any]] = {
    "String_Contains": lambda text, part: text.str.contains(part, regex=False),
    "String_StartsWith": lambda text, part: text.str.startswith(part),
    "String_EndsWith": lambda text, part: text.str.endswith(part),
    "String_IndexOf": lambda text, part: text.str.find(part),
    "Length": lambda text: text.str.len(),
    "ToUpper": lambda text: text.str.upper(),
    "ToLower": lambda text: text.str.lower(),
}


def filter_rows(frame: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows that a filter keeps; a comparison with a missing value keeps none.

    Args:
        frame: The rows.
        options: The transformation ``filter`` of an ``MLTable`` document.

    Raises:
        DataError: The expression has a part that is not known here.
    """
    source = options.get("function_source") if isinstance(options, dict) else None
    if not source:
        raise DataError(f"The dataset's filter {options!r} is not one that the SDK v1 makes.")
    import pandas as pd

    kept = _evaluate(json.loads(source), frame)
    if not isinstance(kept, pd.Series):
        kept = pd.Series(bool(kept), index=frame.index)
    return frame[kept.fillna(value=False).astype(bool)]


def _evaluate(node: Any, frame: pd.DataFrame) -> Any:
    kind, payload = node["r"]
    match kind:
        case "Function":
            return _evaluate(payload[2], frame)
        case "Value":
            return payload
        case "RecordField":
            return _column(frame, _evaluate(payload[1], frame))
        case "And" | "Or":
            left, right = (_evaluate(part, frame) for part in payload)
            return left & right if kind == "And" else left | right
        case "Not":
            return _inverse(_evaluate(payload, frame))
        case "Invoke":
            function, arguments = payload
            return _invoke(function["r"][1], [_evaluate(part, frame) for part in arguments])
        case _:
            raise _unknown(kind)


def _column(frame: pd.DataFrame, name: str) -> Any:
    if name not in frame.columns:
        raise DataError(f"The dataset's filter names the column {name!r}, which is not there.")
    return frame[name]


def _inverse(value: Any) -> Any:
    return not value if isinstance(value, bool) else ~value.astype(bool)


def _invoke(name: str, arguments: list[Any]) -> Any:
    if name == "Value_IsNull":
        return arguments[0].isna()
    if name in _TEXT:
        return _TEXT[name](arguments[0].astype("string"), *arguments[1:])
    if name in _ARITHMETIC:
        return _ARITHMETIC[name](*arguments)
    if name in _COMPARISONS:
        try:
            return _COMPARISONS[name](*arguments)
        except TypeError as error:
            raise DataError(f"The dataset's filter compares what can't be: {error}.") from error
    raise _unknown(name)


def _unknown(name: str) -> DataError:
    return DataError(
        f"The emulator does not know {name!r} in a dataset's filter. Filter the rows before the "
        "dataset is made, or run on Azure ML."
    )
