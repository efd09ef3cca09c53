"""Bearer tokens as the SDK expects them: JSON Web Tokens with a tenant and an expiry."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TENANT_ID = "00000000-0000-0000-0000-0000000000aa"
USER_ID = "00000000-0000-0000-0000-0000000000bb"


class TokenIssuer:
    """Issues tokens and recognises its own.

    Args:
        lifetime_seconds: Seconds that a token is valid.
        clock: Returns the time in seconds since the epoch.
    """

    def __init__(
        self, lifetime_seconds: int = 3600, clock: Callable[[], float] = time.time
    ) -> None:
        self.lifetime_seconds = lifetime_seconds
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def issue(self, audience: str = "https://management.azure.com/") -> str:
        """Return a new token.

        Args:
            audience: The resource that it is for.

        Returns:
            A JSON Web Token signed with HMAC-SHA256 (RFC 7519, RFC 7515).
        """
        now = int(self._clock())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "tid": TENANT_ID,
            "oid": USER_ID,
            "name": "bankml emulator",
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime_seconds,
        }
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        signed = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{self._signature(signed)}"

    def expiry(self) -> int:
        """Return when a token issued now expires, in seconds since the epoch."""
        return int(self._clock()) + self.lifetime_seconds

    def problem(self, authorization: str | None) -> str | None:
        """Return what is wrong with an ``Authorization`` header, or None.

        Args:
            authorization: The header's value.

        Returns:
            A sentence for the answer's body, or None if the token is good.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return "A bearer token is required."
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return "The token was not issued by this emulator."
        return None if self._expiry(signed) > self._clock() else "The token has expired."

    def _signature(self, signed: str) -> str:
        return _encode(hmac.new(self._secret, signed.encode(), hashlib.sha256).digest())

    @staticmethod
    def _expiry(signed: str) -> float:
        try:
            payload = signed.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return float(claims["exp"])
        except (IndexError, KeyError, ValueError, binascii.Error):
            return 0.0


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
