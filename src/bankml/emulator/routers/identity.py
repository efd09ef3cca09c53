"""Managed identity: a token endpoint as App Service and virtual machines have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request

from bankml.emulator.tokens import USER_ID

if TYPE_CHECKING:
    from bankml.emulator.service import Service

DEFAULT_RESOURCE = "https://management.azure.com/"


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter()

    @routes.get("/identity/token", name="identity.token")
    @routes.get("/identity/token/", name="identity.token")
    def get_token(resource: str = DEFAULT_RESOURCE) -> dict[str, Any]:
        return _token(service, resource)

    @routes.post("/identity/token", name="identity.token")
    async def post_token(request: Request) -> dict[str, Any]:
        form = parse_qs((await request.body()).decode())
        return _token(service, form.get("resource", [DEFAULT_RESOURCE])[0])

    return routes


def _token(service: Service, resource: str) -> dict[str, Any]:
    expires = service.tokens.expiry()
    return {
        "access_token": service.tokens.issue(resource),
        "client_id": USER_ID,
        "expires_in": str(service.tokens.lifetime_seconds),
        "expires_on": str(expires),
        "not_before": str(expires - service.tokens.lifetime_seconds),
        "resource": resource,
        "token_type": "Bearer",
    }
