"""Trigger over the emulator under many seeded fault schedules; each must end in exactly one run.

The schedules are those of ``tests/emulator/fault_schedules.py``: answers lost in each way before
and after the request was carried out, nobody listening, storms of 429, expired tokens, 403. Time
passes virtually, but for the reads that are never answered. ::

    python -m benchmarks.emulator.exactly_once --seeds 1000
    python -m benchmarks.emulator.exactly_once --seeds 1000 --blind   # the look-up taken out: fails
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from contextlib import nullcontext
from unittest import mock

from tests.emulator.doorway import Doorway
from tests.emulator.fault_schedules import carry_out, schedule

from bankml.emulator import Emulator
from bankml.rest.look_up import LookUp

SEEDS_PER_EMULATOR = 250


def main() -> int:
    """Run the schedules and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--blind", action="store_true", help="do not look for a run before a retry")
    options = parser.parse_args()
    began = time.perf_counter()
    counts: Counter[str] = Counter()
    failed = []
    blind = mock.patch.object(LookUp, "find", return_value=None)
    looks = blind if options.blind else nullcontext()
    for start in range(options.first, options.first + options.seeds, SEEDS_PER_EMULATOR):
        seeds = range(start, min(start + SEEDS_PER_EMULATOR, options.first + options.seeds))
        with looks, Emulator() as emulator, Doorway(emulator.url) as doorway:
            for seed in seeds:
                outcome = carry_out(emulator, doorway, seed)
                plan = schedule(seed)
                counts.update(f"fault {kind.value}" for kind in plan.on_trigger)
                counts.update(f"look-up {kind.value}" for kind in plan.on_look_up)
                counts["fault nobody listens"] += len(plan.outages)
                counts[f"{len(outcome.started)} runs started"] += 1
                counts.update(f"error {type(error).__name__}" for error, _ in outcome.errors)
                if outcome.problems():
                    failed.append(seed)
                    print(f"seed {seed}: {'; '.join(outcome.problems())}", flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:6}  {name}")
    print(f"{options.seeds} schedules, {len(failed)} failed, {time.perf_counter() - began:.0f} s")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
