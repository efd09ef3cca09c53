"""Writes the page with all configuration keys: ``python docs/configuration.py``.

Types, limits and defaults are those that the configuration is checked by; the words are those of
its docstrings.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankml import WorkflowConfig
from bankml.backends.local.automl.algorithms import ALGORITHMS
from bankml.config.choices import AZURE_MODELS
from bankml.metrics.names import PRIMARY_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGE = Path(__file__).with_suffix(".md")
_ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)
_WORDS = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
    "array": "list of texts", "object": "object", "null": "null",
}  # fmt: skip
_INTRODUCTION = """\
# Configuration

A JSON file, `config.json` or `.azureml/config.json` in the current folder or above it, or the
classes of the same names in Python. A file names only what differs from the defaults. A key that is
not here, or a value of another type, is an error that names its path, the valid values and the
nearest match. The names in `automl` are Azure ML's.
"""


def page() -> str:
    """Return the page."""
    schema = WorkflowConfig.model_json_schema()
    sections = [_INTRODUCTION, *_section("", WorkflowConfig, schema)]
    for name, field in WorkflowConfig.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and hasattr(kind, "model_fields"):
            described = schema["$defs"][kind.__name__]
            sections += [f"## `{name}`\n", *_section(name, kind, described)]
    return "\n".join([*sections, *_names("Primary metrics", PRIMARY_METRICS),
                      *_names("Models of Azure ML", AZURE_MODELS),
                      *_names("Models of backend `local`", ALGORITHMS)])  # fmt: skip


def _section(name: str, kind: type, schema: Mapping[str, Any]) -> Iterator[str]:
    text = inspect.getdoc(kind) or ""
    words = {key: " ".join(said.split()) for key, said in _ATTRIBUTE.findall(text)}
    if name:
        yield text.splitlines()[0] + "\n"
    yield "| key | value | default | what it is |\n|---|---|---|---|"
    for key, of_key in schema["properties"].items():
        if "$ref" in of_key:
            yield f"| [`{key}`](#{key}) | section | | {_cell(words[key])} |"
        else:
            default = json.dumps(of_key.get("default"))
            yield f"| `{key}` | {_cell(_value(of_key))} | `{default}` | {_cell(words[key])} |"
    yield ""


def _value(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_value(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return _WORDS[schema["type"]] + _limits(schema)


def _limits(schema: Mapping[str, Any]) -> str:
    signs = {
        "minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<",
    }  # fmt: skip
    limits = [f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema]
    if schema.get("maxLength") == 1:
        limits.append("one character")
    return f" ({', '.join(limits)})" if limits else ""


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _names(title: str, by_task: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"## {title}\n\n| task | names |\n|---|---|"
    for task, names in by_task.items():
        yield f"| {task} | {', '.join(f'`{name}`' for name in names)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
