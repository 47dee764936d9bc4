"""The proxy of deploy/nginx.conf in front of a real `acuse serve`: HTTPS, and the person's own address in the audit."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import URL

ROOT = Path(__file__).resolve().parents[2]
ACUSE = Path(sys.executable).with_name("acuse")
pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not on this machine")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> None:
    """Make a certificate of one day for the name in the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acuse.example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )


@pytest.fixture
def proxied(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Answer the addresses of the proxy, for HTTPS and HTTP, with Acuse behind it."""
    inside, https, http = free_port(), free_port(), free_port()
    certificate(tmp_path)
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    site = re.sub(r"listen \[::\].*\n", "", site)
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("/etc/letsencrypt/live/acuse.example.com", str(tmp_path)),
        ("127.0.0.1:8000", f"127.0.0.1:{inside}"),
    ):
        assert old in site
        site = site.replace(old, new)
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}}\n"
    user = "user root;\n" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(f"{user}{whole}http {{ access_log off;\n{places}{site} }}", "utf-8")
    variables = environment | {
        "PATH": os.environ["PATH"],
        "ACUSE_PUBLIC_URL": "https://acuse.example.com",
        "TRUSTED_PROXIES": "127.0.0.1",
        "ACUSE_WORKERS": "external",
    }
    with ExitStack() as stack:
        nginx = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "errors")]
        for command in ([str(ACUSE), "serve", "--port", str(inside)], nginx):
            process = stack.enter_context(
                subprocess.Popen(
                    command, cwd=tmp_path, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
            stack.callback(process.terminate)
        until_ready(f"https://127.0.0.1:{https}")
        yield f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}"


def until_ready(address: str) -> None:
    limit = time.monotonic() + 60
    while True:
        try:
            if httpx2.get(f"{address}/health/ready", verify=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_people_come_by_https_and_their_own_address_is_kept(proxied: tuple[str, str], database_url: URL) -> None:
    https, http = proxied
    host = {"Host": "acuse.example.com"}
    moved = httpx2.get(f"{http}/app?x=1", headers=host)
    assert (moved.status_code, moved.headers["location"]) == (301, "https://acuse.example.com/app?x=1")
    with httpx2.Client(base_url=https, headers=host, verify=False) as client:
        assert client.get("/health/metrics").status_code == 404
        page = client.get("/app/login")
        assert page.status_code == 200
        assert "max-age" in page.headers["strict-transport-security"]
        for n in range(3):  # whatever a caller claims, the proxy writes the address itself
            refused = client.post(
                "/auth/login",
                json={"cuit": "20999999999", "password": "no"},
                headers={"X-Forwarded-For": f"203.0.113.{n}"},
            )
            assert refused.status_code == 401
    with psycopg.connect(database_url.set(drivername="postgresql").render_as_string(hide_password=False)) as looking:
        seen = looking.execute("select distinct ip from auditoria where accion = 'LOGIN_FAILED'").fetchall()
    assert seen == [("127.0.0.1",)]
