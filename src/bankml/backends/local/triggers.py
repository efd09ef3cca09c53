"""What a trigger of a published pipeline asks for, and the configuration that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bankml.config.loader import parse_config
from bankml.errors import ConfigError, ConfigProblem
from bankml.suggestions import nearest
from bankml.tags import TRIGGER_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.config import WorkflowConfig

PARAMETERS: dict[str, type[str | int | float]] = {
    "experiment_timeout_minutes": float,
    "iterations": int,
    "max_concurrent_iterations": int,
    "primary_metric": str,
}
"""Settings that a trigger may assign, with their types; they come as texts."""


@dataclass(frozen=True)
class Trigger:
    """What a trigger asks for.

    Attributes:
        published_id: The published pipeline.
        experiment_name: Experiment of the run.
        parameters: Values for pipeline parameters, as texts.
        dataset_id: The dataset version to train on, or None for the published one.
        tags: Tags for the run.
        key: Idempotency key, or None.
    """

    published_id: str
    experiment_name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    dataset_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None

    @property
    def identities(self) -> tuple[str, ...]:
        """What tells a trigger from others: its key, and its tag ``bankml.trigger_id``.

        Triggers with one of them in common are the same. A client sends its id as both, and the
        header may be lost on the way, so a key is the same as a tag of the same text.
        """
        given = (self.key, self.tags.get(TRIGGER_TAG))
        return tuple(dict.fromkeys(text for text in given if text))


def triggered_config(published: Mapping[str, Any], trigger: Trigger) -> WorkflowConfig:
    """Return the configuration of the run that a trigger asks for.

    Args:
        published: The configuration that the pipeline was published with, as a document.
        trigger: What is asked for.

    Raises:
        ConfigError: A parameter is unknown, or its value is not valid.
    """
    config = parse_config(dict(published), "The published pipeline")
    assigned = {name: _value(name, text) for name, text in trigger.parameters.items()}
    return config.replace(experiment_name=trigger.experiment_name, automl=assigned)


def _value(name: str, text: str) -> str | int | float:
    kind = PARAMETERS.get(name)
    if kind is None:
        valid = ", ".join(PARAMETERS)
        message = f"not a parameter of this pipeline; valid: {valid}."
        raise _parameter_error(name, message, nearest(name, PARAMETERS))
    try:
        return kind(text)
    except ValueError:
        number = "whole number" if kind is int else "number"
        raise _parameter_error(name, f"{text!r} is not a {number}") from None


def _parameter_error(name: str, message: str, suggestion: str | None = None) -> ConfigError:
    problem = ConfigProblem(f"ParameterAssignments.{name}", message, suggestion)
    return ConfigError("The trigger can't be used.", (problem,))
