"""Metrics of AutoML child runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from bankml.emulator.answers import not_found, stable_id, timestamp
from bankml.emulator.bodies import MetricQuery, StrictRoute
from bankml.emulator.history import History
from bankml.emulator.pipeline_runs import STEP_KIND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.emulator.service import Service

RUN = "/metric/v2.0/runs/{run_id}"


def router(service: Service) -> APIRouter:
    """Return the router."""
    history = History(service)
    routes = APIRouter(route_class=StrictRoute)

    @routes.post(RUN + "/list", name="metrics.list")
    def list_metrics(run_id: str) -> dict[str, Any]:
        names = _metrics(service, history, run_id)
        value = [{"metricKey": {"name": name}, "columns": {name: "Double"}} for name in names]
        return {"value": value, "continuationToken": None}

    @routes.post(RUN + "/full", name="metrics.get")
    async def get_metric(run_id: str, body: MetricQuery) -> dict[str, Any]:
        name = body["metricName"]
        metrics = _metrics(service, history, run_id)
        if name not in metrics:
            raise not_found(f"Metric {name!r}")
        return _document(run_id, name, metrics[name])

    return routes


def _metrics(service: Service, history: History, run_id: str) -> Mapping[str, float]:
    """Return a candidate's metrics; those of the best one for the AutoML step itself."""
    step = service.store.get(STEP_KIND, run_id)
    if step is not None:
        best = history.best(step)
        return best.metrics if best else {}
    parent = service.store.get(STEP_KIND, run_id.rpartition("_")[0])
    children = history.candidates(parent) if parent else []
    return next((child.metrics for child in children if child.id == run_id), {})


def _document(run_id: str, name: str, value: float) -> dict[str, Any]:
    return {
        "dataContainerId": f"dcid.{run_id}",
        "name": name,
        "columns": {name: "Double"},
        "properties": {"uxMetricType": "azureml.v1.scalar"},
        "value": [
            {
                "metricId": stable_id("metric", run_id, name),
                "createdUtc": timestamp(),
                "step": 0,
                "data": {name: value},
            }
        ],
        "continuationToken": None,
    }
