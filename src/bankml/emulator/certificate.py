"""A certificate authority and a server certificate, made when the emulator starts.

Nothing of it is installed: programs learn of it through ``REQUESTS_CA_BUNDLE`` and
``SSL_CERT_FILE``.
"""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

VALID_FOR = timedelta(days=365)


@dataclass(frozen=True)
class CertificateFiles:
    """Where the files are.

    Attributes:
        chain: The server's certificate, followed by that of the authority (PEM).
        key: The server's private key (PEM, mode 0600).
        bundle: The authorities that ``certifi`` trusts, and ours (PEM).
    """

    chain: Path
    key: Path
    bundle: Path


def write_certificate(folder: Path, hosts: Iterable[str]) -> CertificateFiles:
    """Make a server certificate, signed by the authority of this process.

    Args:
        folder: Where the files go.
        hosts: Host names and IP addresses that the certificate is for.

    Returns:
        The paths of the files.
    """
    import certifi
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, authority_key = _authority()
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _server(server_key, authority, authority_key, sorted(set(hosts)))
    pem = serialization.Encoding.PEM
    authority_pem = authority.public_bytes(pem)
    files = CertificateFiles(folder / "chain.pem", folder / "key.pem", folder / "bundle.pem")
    files.chain.write_bytes(server.public_bytes(pem) + authority_pem)
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        server_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    files.bundle.write_bytes(certifi.contents().encode() + b"\n" + authority_pem)
    return files


@functools.cache
def _authority() -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """Return the authority of this process; the SDK's native reader trusts the first it meets."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("bankml emulator authority")
    builder = (
        _builder(name, name, key, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signs_certificates(), critical=True)
    )
    return builder.sign(key, hashes.SHA256()), key


def _server(
    key: EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    hosts: list[str],
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    builder = (
        _builder(_name("bankml emulator"), authority.subject, key, authority_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        )
    )
    return builder.sign(authority_key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    issuer_key: EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    """Begin a certificate with the key identifiers, without which Python 3.13 refuses it."""
    from cryptography import x509

    now = datetime.now(timezone.utc)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(own, critical=False)
        .add_extension(issuers, critical=False)
    )


def _signs_certificates() -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
