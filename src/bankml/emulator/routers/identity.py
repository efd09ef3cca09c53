"""Managed identity: a token endpoint as App Service and virtual machines have it.

The SDK asks in both ways: by GET with the secret of an app, and by POST without one, as on a
virtual machine, where nobody else can ask. Here others could, so the address is secret as well.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Header, Request

from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.bodies import StrictRoute
from bankml.emulator.tokens import USER_ID

if TYPE_CHECKING:
    from bankml.emulator.service import Service

DEFAULT_RESOURCE = "https://management.azure.com/"


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)

    def known(key: str) -> None:
        _same(key, service.identity_key, "The address is not that of MSI_ENDPOINT.")

    def secret(secret: Annotated[str, Header()] = "") -> None:
        _same(secret, service.identity_secret, "The header 'secret' is not that of MSI_SECRET.")

    def of_a_machine(metadata: Annotated[str, Header()] = "") -> None:
        _same(metadata.lower(), "true", "The header 'Metadata: true' is missing.")

    of_an_app = [Depends(known), Depends(secret)]

    @routes.get("/identity/{key}/token", name="identity.token", dependencies=of_an_app)
    @routes.get("/identity/{key}/token/", name="identity.token", dependencies=of_an_app)
    def get_token(resource: str = DEFAULT_RESOURCE) -> dict[str, Any]:
        return _token(service, resource)

    machine = [Depends(known), Depends(of_a_machine)]

    @routes.post("/identity/{key}/token", name="identity.token", dependencies=machine)
    async def post_token(request: Request) -> dict[str, Any]:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        return _token(service, form.get("resource", [DEFAULT_RESOURCE])[0])

    return routes


def _same(given: str, expected: str, problem: str) -> None:
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ServiceProblemError(401, "Unauthorized", problem)


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
