from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.fetch import transfer
from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from partworks.errors import Failed
from tests.ingest.mirror import Mirror, serving

ONCE = FetchConfig(attempts=1, read_s=2)


def write_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody has signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mirror")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mirror.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[Path]:
    transfer._pool.cache_clear()
    yield write_certificate(tmp_path)
    transfer._pool.cache_clear()


def test_a_certificate_is_verified(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(Mirror(files={"/a": b"safe", "/b": b"-> http://127.0.0.1:9/a"}), tls) as mirror:
        with pytest.raises(Failed, match=r"fetch_unreachable.*certificate verify failed"):
            fetch_url(f"{mirror.url}/a", config=ONCE, most=100)
        assert mirror.paths() == []
        transfer._pool.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch_url(f"{mirror.url}/a", config=ONCE, most=100) == b"safe"
        with pytest.raises(Failed, match=r"fetch_bad_response.*a redirect from https to http:"):
            fetch_url(f"{mirror.url}/b", config=ONCE, most=100)
