"""``recarga dev-ca``: a certificate authority for trying TLS out, and certificates of it. For development and one's own tests."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nodes.whole_file import write_whole

_AUTHORITY = "ca"
_AUTHORITY_DAYS, _CERTIFICATE_DAYS = 3_650, 397
"""Programs of today take no server's certificate that is valid for longer than thirteen months."""
_BEFORE = timedelta(minutes=5)
"""Clocks of containers and their hosts may differ."""


def dev_ca(
    folder: Annotated[
        Path, typer.Argument(help="Holds ca/ and a folder with cert.pem, key.pem and ca.pem for each name.")
    ],
    names: Annotated[list[str], typer.Argument(help="Host names or addresses; each is also certified as localhost.")],
) -> None:
    """Make an authority where there is none, and a certificate for each name that has none. Not for production."""
    authority = _authority(folder / _AUTHORITY)
    for name in names:
        place = folder / name
        if not (place / "cert.pem").exists():
            _certify(place, name, *authority)
            typer.echo(f"{place}/cert.pem: for {name} and localhost, {_CERTIFICATE_DAYS} days")


def _authority(place: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if not (place / "ca.pem").exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Recarga development CA")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)  # certificates and lists
        draft = _draft(name, name, key, _AUTHORITY_DAYS)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        _write_key(place / "key.pem", key)
        certificate = draft.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        write_whole(place / "ca.pem", _pem(certificate), mode=0o644)
    certificate = x509.load_pem_x509_certificate((place / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((place / "key.pem").read_bytes(), None)  # type: ignore[assignment] # of our own
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return certificate, key


def _certify(place: Path, name: str, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    draft = _draft(subject, authority.subject, key, _CERTIFICATE_DAYS)
    names = [_general(each) for each in dict.fromkeys((name, "localhost", "127.0.0.1"))]
    draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
    draft = draft.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    draft = draft.add_extension(identifier, critical=False)
    _write_key(place / "key.pem", key)
    write_whole(place / "ca.pem", _pem(authority), mode=0o644)
    write_whole(place / "cert.pem", _pem(draft.sign(authority_key, hashes.SHA256())), mode=0o644)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    draft = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    draft = draft.serial_number(x509.random_serial_number()).not_valid_before(now - _BEFORE)
    draft = draft.not_valid_after(now + timedelta(days=days))
    return draft.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    write_whole(path, key.private_bytes(encoding, form, serialization.NoEncryption()), mode=0o600)
