"""Which credential is used, and that its tokens are fresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bankml import AuthenticationError
from bankml.backends.azureml.auth import (
    REFRESH_SECONDS,
    TokenCache,
    adapt,
    choose,
    make_credential,
    renew,
    sign_in,
)
from bankml.config import WorkspaceConfig

PRINCIPAL = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s3cret"}
LIFETIME = 3600


@dataclass
class Token:
    token: str
    expires_on: int


@dataclass
class Credential:
    """Numbers its tokens, which live for an hour."""

    time: float = 0.0
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def get_token(self, *scopes: str, **options: Any) -> Token:
        assert not options
        self.asked.append(scopes)
        return Token(f"token-{len(self.asked)}", int(self.time + LIFETIME))

    def now(self) -> float:
        return self.time


@dataclass
class Endpoints:
    active_directory_resource_id: str = "https://management.core.windows.net/"
    active_directory_graph_resource_id: str = "https://graph.windows.net/"


class VendorAuthentication:
    """Stands for the SDK's base class."""

    def __init__(self, cloud: str) -> None:
        self._cloud_type = type("Cloud", (), {"endpoints": Endpoints(), "name": cloud})

    def get_authentication_header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._get_arm_token()}"}  # type: ignore[attr-defined]  # the adapter's


class VendorSdk:
    AbstractAuthentication = VendorAuthentication


SDK: Any = VendorSdk()


@pytest.mark.parametrize(
    ("auth", "environ", "interactive", "way"),
    [
        ("azure_cli", PRINCIPAL, True, "azure_cli"),
        ("auto", PRINCIPAL, True, "service_principal"),
        ("auto", {"AZURE_CLIENT_ID": "c"}, True, "interactive"),
        ("auto", {"MSI_ENDPOINT": "http://x"}, True, "managed_identity"),
        ("auto", {"IDENTITY_ENDPOINT": "http://x"}, False, "managed_identity"),
        ("auto", {}, True, "interactive"),
        ("auto", {}, False, "default"),
    ],
)
def test_which_way_is_taken(
    auth: str, environ: dict[str, str], interactive: bool, way: str
) -> None:
    assert choose(auth, environ, interactive) == way


def test_a_token_is_renewed_before_it_expires() -> None:
    credential = Credential()
    tokens = TokenCache(credential, credential.now)

    first = tokens.token("scope")
    credential.time = LIFETIME - REFRESH_SECONDS - 1
    still = tokens.token("scope")
    credential.time += 2
    renewed = tokens.token("scope")

    assert (first, still, renewed) == ("token-1", "token-1", "token-2")


def test_each_scope_has_a_token_of_its_own() -> None:
    tokens = TokenCache(Credential(), lambda: 0.0)

    assert tokens.token("a") != tokens.token("b")


def test_a_credential_is_adapted_to_the_sdk() -> None:
    credential = Credential()

    adapted = adapt(SDK, WorkspaceConfig(subscription_id="sub"), credential, credential.now)

    assert adapted.get_authentication_header() == {"Authorization": "Bearer token-1"}
    assert credential.asked == [("https://management.core.windows.net//.default",)]
    subscriptions, _ = adapted._get_all_subscription_ids()
    assert subscriptions[0].subscription_id == "sub"


def test_a_refused_token_is_thrown_away() -> None:
    credential = Credential()
    adapted = adapt(SDK, WorkspaceConfig(), credential, credential.now)
    adapted.get_authentication_header()

    renew(adapted)

    assert adapted.get_authentication_header() == {"Authorization": "Bearer token-2"}


def test_an_authentication_object_of_the_sdk_is_taken_as_it_is() -> None:
    own = VendorAuthentication("AzureCloud")

    assert sign_in(SDK, WorkspaceConfig(), own) is own


def test_anything_else_is_not_a_credential() -> None:
    with pytest.raises(AuthenticationError, match="get_token"):
        sign_in(SDK, WorkspaceConfig(), "a token")


def test_a_service_principal_names_what_is_missing() -> None:
    pytest.importorskip("azure.identity")

    with pytest.raises(AuthenticationError, match="AZURE_CLIENT_ID, AZURE_CLIENT_SECRET"):
        make_credential("service_principal", WorkspaceConfig(tenant_id="t"), {})


@pytest.mark.parametrize("way", ["service_principal", "managed_identity", "azure_cli", "default"])
def test_every_way_gives_a_credential_without_a_network(way: str) -> None:
    pytest.importorskip("azure.identity")

    credential = make_credential(way, WorkspaceConfig(), PRINCIPAL)

    assert callable(credential.get_token)
    assert "s3cret" not in repr(credential)
