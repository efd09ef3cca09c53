"""Compute: get or create it, and wait until it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import ComputeError, ComputeTimeoutError, NotFoundError

if TYPE_CHECKING:
    from bankml.backends.base import Backend, ComputeRecord
    from bankml.config import ComputeConfig

READY, FAILED = "Succeeded", "Failed"
POLL_SECONDS = 5.0


@dataclass(frozen=True)
class Compute:
    """A compute target of a workspace.

    Attributes:
        backend: Where it is.
        record: What was last known of it.
        clock: The time.
    """

    backend: Backend
    record: ComputeRecord
    clock: Clock = SYSTEM_CLOCK

    @property
    def name(self) -> str:
        """Its name in the workspace."""
        return self.record.name

    @property
    def state(self) -> str:
        """Its provisioning state when last looked at."""
        return self.record.state

    def refresh(self) -> Compute:
        """Look again.

        Returns:
            The compute target as it is now.

        Raises:
            NotFoundError: It has been deleted.
        """
        record = self.backend.get_compute(self.name)
        if record is None:
            raise NotFoundError(f"Compute {self.name!r} is no longer there; create it again.")
        return Compute(self.backend, record, self.clock)

    def wait(self, timeout: float) -> Compute:
        """Wait until it can be used. With a minimum of 0 nodes, no node is waited for.

        Args:
            timeout: Seconds to wait at the most.

        Returns:
            The compute target, ready.

        Raises:
            ComputeError: Provisioning failed; the message has the service's reason.
            ComputeTimeoutError: It is not ready in time.
        """
        deadline = self.clock.now() + timeout
        compute = self
        while not compute._ready():
            left = deadline - self.clock.now()
            if left <= 0:
                raise ComputeTimeoutError(
                    f"Compute {self.name!r} is {compute.state} after {timeout:g} s, with "
                    f"{compute.record.current_nodes or 0} of {compute.record.min_nodes} nodes. "
                    "Look at the subscription's quota, or raise compute.wait_minutes."
                )
            self.clock.sleep(min(POLL_SECONDS, left))
            compute = compute.refresh()
        return compute

    def _ready(self) -> bool:
        record = self.record
        if record.state == FAILED or record.errors:
            reasons = "; ".join(record.errors) or "the service gives no reason"
            hint = " Ask for more quota or take a smaller vm_size." if "uota" in reasons else ""
            raise ComputeError(f"Compute {self.name!r} could not be provided: {reasons}.{hint}")
        nodes = record.min_nodes if record.current_nodes is None else record.current_nodes
        return record.state == READY and nodes >= record.min_nodes


def get_or_create(backend: Backend, config: ComputeConfig, clock: Clock = SYSTEM_CLOCK) -> Compute:
    """Return the compute target of the configured name, ready for use.

    Args:
        backend: Where to look.
        config: Its name, and how to create it if there is none.
        clock: The time.

    Returns:
        The compute target.

    Raises:
        ComputeError: It can't be provided.
        ComputeTimeoutError: It is not ready within ``config.wait_minutes``.
    """
    record = backend.get_compute(config.name) or backend.create_compute(config)
    return Compute(backend, record, clock).wait(config.wait_minutes * 60)
