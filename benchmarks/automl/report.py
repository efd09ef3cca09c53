"""Tables and a plot of the comparison: ``python -m benchmarks.automl.report results.jsonl``."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")

from matplotlib import pyplot as plt

from benchmarks.automl.environments import HERE

_OURS = "bankml"
_QUALITY = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}


def read(path: Path) -> pd.DataFrame:
    """Return the results with ``quality``, and with ``loss``, of which less is better."""
    results = pd.read_json(path, lines=True)
    results["quality"] = [row.get(_QUALITY[row["task"]]) for _, row in results.iterrows()]
    results["loss"] = results["quality"].where(results["task"] != "binary", 1 - results["quality"])
    # A tool that failed is behind all others; one that was not run is not among them.
    results["loss"] = results["loss"].fillna(np.inf)
    return results


def by_dataset(results: pd.DataFrame) -> pd.DataFrame:
    """Return the mean quality of each tool on each data set."""
    table = results.pivot_table("quality", "dataset", "tool", sort=False)
    return table[list(results["tool"].unique())].round(5)


def ranks(results: pd.DataFrame) -> pd.Series:
    """Return each tool's mean rank over the splits of ``in_common``."""
    table = results.set_index(["dataset", "seed", "tool"])["loss"].unstack()
    return table.rank(axis=1).mean().sort_values()


def in_common(results: pd.DataFrame) -> pd.DataFrame:
    """Return the results of the splits that all tools ran on."""
    tools = results.groupby(["dataset", "seed"])["tool"].transform("nunique")
    return results[tools == results["tool"].nunique()]


def costs(results: pd.DataFrame) -> pd.DataFrame:
    """Return the median and largest cost of each tool over all splits."""
    grouped = results.groupby("tool", sort=False)
    return pd.DataFrame(
        {
            "seconds": grouped["seconds"].median(),
            "seconds, most": grouped["seconds"].max(),
            "CPU seconds": grouped["cpu_seconds"].median(),
            "peak MB": grouped["peak_mb"].median(),
            "peak MB, most": grouped["peak_mb"].max(),
            "written MB": grouped["written_mb"].median(),
            "failed": grouped["quality"].apply(lambda values: int(values.isna().sum())),
        }
    ).round(1)


def paired(results: pd.DataFrame, other: str) -> pd.DataFrame:
    """Return how we stand to another tool on each data set, over the splits that both ran on.

    ``ours`` and ``theirs`` are means of the quality, and ``mean`` is ours less theirs: for AUC as
    it is, of which more is better; for log loss and RMSE as a share of theirs, of which less is
    better. ``least`` and ``most`` are that of single splits, ``log_loss`` is that of the mean log
    loss, for two classes too. ``better`` counts the splits on which our loss is lower, and
    ``time`` is our time as a share of the other's, over all of these splits.
    """
    table = results.set_index(["dataset", "task", "seed", "tool"])
    wanted = table[["quality", "loss", "log_loss", "seconds"]].unstack()
    wanted = wanted.loc[:, (slice(None), [_OURS, other])]
    both = wanted.dropna(subset=[("seconds", _OURS), ("seconds", other)])
    rows = {
        dataset: _of_one(splits, other, as_share=task != "binary")
        for (dataset, task), splits in both.groupby(["dataset", "task"], sort=False)
    }
    order = [dataset for dataset in results["dataset"].unique() if dataset in rows]
    return pd.DataFrame(rows).T.loc[order]


def _of_one(splits: pd.DataFrame, other: str, *, as_share: bool) -> dict[str, object]:
    means = splits.mean()
    ours, theirs = means["quality", _OURS], means["quality", other]
    each = splits["quality", _OURS] - splits["quality", other]
    each = each / splits["quality", other] if as_share else each
    log_loss = means["log_loss", _OURS] / means["log_loss", other] - 1
    return {
        "splits": len(splits),
        "better": int((splits["loss", _OURS] < splits["loss", other]).sum()),
        "ours": round(ours, 5),
        "theirs": round(theirs, 5),
        "mean": round((ours - theirs) / (theirs if as_share else 1), 4),
        "least": round(each.min(), 4),
        "most": round(each.max(), 4),
        "log_loss": round(log_loss, 4),
        "time": f"{means['seconds', _OURS] / means['seconds', other]:.1%}",
    }


def against(results: pd.DataFrame) -> pd.DataFrame:
    """Return how we stand to each other tool, over the splits that both ran on.

    ``better`` counts the splits on which our loss is lower, ``loss`` is the median of our loss as a
    share of the other's, less one, and ``time`` that of our time as a share of the other's.
    """
    table = results.set_index(["dataset", "seed", "tool"])[["loss", "seconds"]].unstack()
    rows = {}
    for tool in results["tool"].unique():
        if tool == _OURS:
            continue
        both = table[[(column, each) for column in ("loss", "seconds") for each in (_OURS, tool)]]
        both = both.dropna()
        loss = both["loss", _OURS] / both["loss", tool]
        rows[tool] = {
            "splits": len(both),
            "better": int((loss < 1).sum()),
            "loss": f"{loss.median() - 1:+.1%}",
            "time": f"{(both['seconds', _OURS] / both['seconds', tool]).median():.0%}",
        }
    return pd.DataFrame(rows).T


def plot(results: pd.DataFrame, path: Path) -> None:
    """Draw how far each tool is from the best of a split, beside the time it took."""
    best = results.groupby(["dataset", "seed"])["loss"].transform("min")
    worse = (results["loss"] / best - 1).clip(upper=1.0) * 100  # of a failed one too
    figure, axes = plt.subplots(figsize=(10, 5), layout="constrained")
    for tool, group in results.assign(worse=worse).groupby("tool", sort=False):
        middle = group[["seconds", "worse"]].median()
        points = axes.scatter(group["seconds"], group["worse"], s=12, alpha=0.35)
        axes.scatter(*middle, s=110, color=points.get_facecolor()[:1, :3], label=tool)
    axes.set(
        xscale="log", xlabel="seconds of the whole run",
        ylabel="loss above the best of the split (%)",
        title="Each point a split, each disc a tool's median: lower left is better",
    )  # fmt: skip
    figure.legend(loc="outside right upper")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print the tables and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=HERE / "results.jsonl")
    parser.add_argument("--plot", type=Path, default=HERE / "comparison.png")
    asked = parser.parse_args()
    results = read(asked.results)
    common = in_common(results)
    sections = {
        "Quality (AUC for two classes, log loss for more, RMSE for numbers)": by_dataset(common),
        "Mean rank": ranks(common).to_frame("mean rank").round(2),
        "bankml and each other tool": against(common),
        "Cost": costs(common),
        **{
            f"bankml less {tool}": paired(results, tool)
            for tool in results["tool"].unique()
            if tool != _OURS
        },
    }
    for title, table in sections.items():
        print(f"\n### {title}\n\n{table.to_markdown()}")
    plot(common, asked.plot)


if __name__ == "__main__":
    main()
