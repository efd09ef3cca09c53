"""The whole workflow on this machine: train, look, publish, trigger.

Run it with: python examples/quickstart.py [path or URL of a CSV file]
Without an argument it trains on generated rows that resemble the Bank Marketing data.
"""

from __future__ import annotations

import sys

from bankml import Workflow, WorkflowConfig


def main(source: str = "sample") -> None:
    """Go through the workflow once."""
    config = WorkflowConfig().replace(
        dataset={"name": "quickstart", "source": source},
        automl={"iterations": 4},
    )
    workflow = Workflow(config)
    print(workflow.plan())

    run = workflow.train()
    print(run.leaderboard())

    model = run.best_model()
    rows = workflow.dataset().take(5).to_pandas()
    print("Predictions for the first rows:", list(model.predict(rows)))

    published = workflow.publish(run)
    print("Published:", published)

    second = workflow.trigger(published).wait()
    print("Triggered:", second)


if __name__ == "__main__":
    main(*sys.argv[1:2])
