"""The string by which another process attaches to a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from bankml.errors import NotFoundError

SCHEME = "azureml"
_REF = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/workspaces/(?P<workspace>[^/]+)/experiments/(?P<experiment>[^/]+)/runs/(?P<run>[^/]+)"
)


@dataclass(frozen=True)
class RunRef:
    """Where a run is.

    Attributes:
        subscription_id: The Azure subscription.
        resource_group: The resource group.
        workspace_name: The workspace.
        experiment: The run's experiment.
        run_id: The run's id.
    """

    subscription_id: str
    resource_group: str
    workspace_name: str
    experiment: str
    run_id: str

    def __str__(self) -> str:
        """Return the ref."""
        parts = (
            self.subscription_id, self.resource_group, self.workspace_name, self.experiment,
            self.run_id,
        )  # fmt: skip
        subscription, group, workspace, experiment, run = (quote(part, safe="") for part in parts)
        return (
            f"{SCHEME}://subscriptions/{subscription}/resourceGroups/{group}"
            f"/workspaces/{workspace}/experiments/{experiment}/runs/{run}"
        )


def parse_ref(ref: str) -> RunRef:
    """Read a ref.

    Args:
        ref: A string that begins with ``azureml://``.

    Raises:
        NotFoundError: It is not the ref of a run.
    """
    match = _REF.fullmatch(ref)
    if match is None:
        raise NotFoundError(
            f"{ref!r} is not the ref of an Azure ML run; it should look like azureml://"
            "subscriptions/…/resourceGroups/…/workspaces/…/experiments/…/runs/<id>."
        )
    return RunRef(*(unquote(part) for part in match.groups()))


def is_ref(run: str) -> bool:
    """Whether the string is a ref rather than a run's id."""
    return "://" in run
