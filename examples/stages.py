"""The same workflow without the facade: each stage is a module of its own."""

from __future__ import annotations

from bankml import WorkflowConfig, compute, datasets, pipeline, publish
from bankml.workspace import open_workspace


def main() -> None:
    """Call the stages one by one."""
    config = WorkflowConfig().replace(
        dataset={"name": "stages", "source": "sample"}, automl={"iterations": 3}
    )
    workspace = open_workspace(config)
    workspace.experiment(config.experiment_name)
    compute.get_or_create(workspace.backend, config.compute)
    dataset = datasets.get_or_register(workspace.backend, config.dataset)
    print(dataset)
    print(dataset.describe())

    run = pipeline.submit(workspace.backend, pipeline.plan(config), dataset)
    run.wait(timeout=1200)
    print(run.metrics())

    published = publish.publish(workspace.backend, run, config.publish)
    print(published)


if __name__ == "__main__":
    main()
