"""Regression on a DataFrame of your own, with the seed fixed and a column left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bankml import Workflow, WorkflowConfig


def balances(count: int = 2000) -> pd.DataFrame:
    """Return customers with an account balance to predict."""
    random = np.random.default_rng(1)
    age = random.integers(18, 80, count)
    job = random.choice(["clerk", "farmer", "teacher", "retired"], count)
    balance = 40 * age + 500 * (job == "retired") + random.normal(0, 150, count)
    return pd.DataFrame({"customer": np.arange(count), "age": age, "job": job, "balance": balance})


def main() -> None:
    """Train on all but the last hundred customers, and predict those."""
    config = WorkflowConfig().replace(
        experiment_name="balances",
        dataset={"name": "balances", "source": None},
        automl={
            "task": "regression",
            "label_column_name": "balance",
            "exclude_columns": ("customer",),
            "iterations": 3,
            "random_state": 42,
        },
    )
    customers = balances()
    run = Workflow(config).train(customers[:-100])
    print(run.leaderboard())

    rows = customers[-100:]
    errors = run.best_model().predict(rows) - rows["balance"]
    print(f"Mean absolute error on new customers: {np.abs(errors).mean():.0f}")


if __name__ == "__main__":
    main()
