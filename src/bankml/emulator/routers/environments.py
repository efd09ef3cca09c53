"""Environments: the emulator trains in its own, so it has none of the curated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from bankml.emulator.answers import not_found
from bankml.emulator.bodies import StrictRoute

if TYPE_CHECKING:
    from bankml.emulator.service import Service


def router(service: Service) -> APIRouter:
    """Return the router."""
    del service
    routes = APIRouter(route_class=StrictRoute)

    @routes.get("/environment/v1.0/environments/{name}", name="environments.get")
    def get_environment(name: str) -> dict[str, Any]:
        raise not_found(f"Environment {name!r}")

    @routes.get("/environment/v1.0/environments/{name}/versions/{version}", name="environments.get")
    def get_version(name: str, version: str) -> dict[str, Any]:
        raise not_found(f"Environment {name!r} version {version!r}")

    return routes
