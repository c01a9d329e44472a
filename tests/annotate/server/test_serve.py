"""Who is let in at the start, and a real server on a real port."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotate.server.app import create_app
from annotate.server.serve import address, admitted
from annotate.server.settings import ServerSettings
from partworks.errors import UsageError
from tests.annotate.server.live import LiveServer
from tests.annotate.server.scene import PASSWORD, Scene


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_alone_on_this_machine_a_token_is_made(small: Scene, host: str) -> None:
    settings = replace(small.settings, host=host)
    first, second = admitted(settings), admitted(settings)
    assert first.local_token and first.local_token != second.local_token
    assert len(first.local_token) >= 43 and first.local_token in address(first)
    assert first.local_token not in repr(first)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "review.example"])
def test_other_machines_need_accounts(small: Scene, host: str) -> None:
    settings = replace(small.settings, host=host)
    with pytest.raises(UsageError, match="users add"):
        admitted(settings)
    small.account("ann")  # without a password or a token nobody comes in
    with pytest.raises(UsageError):
        admitted(settings)
    small.account("bob", password=PASSWORD)
    assert admitted(settings).local_token is None
    assert "token" not in address(admitted(settings))


def test_the_token_is_exchanged_for_a_session(small: Scene) -> None:
    settings = replace(small.settings, local_token="secret-token")
    small.services.close()
    small.app = create_app(settings, clock=lambda: small.now)
    small.services = small.app.state.services
    client = small.stranger()
    assert client.get("/api/v1/session").json() == {"user": None}
    wrong = client.post("/api/v1/login", json={"token": "secret-toke"})
    assert wrong.status_code == 401 and "partworks_session" not in client.cookies
    answer = client.post("/api/v1/login", json={"token": "secret-token"})
    assert answer.json() == {"user": {"name": "local", "role": "admin"}}
    assert client.get("/api/v1/session").json() == answer.json()
    assert client.get("/api/v1/users").status_code == 200
    again = create_app(settings, clock=lambda: small.now)  # a restart makes no second account
    again.state.services.close()


def test_an_address_names_scheme_host_and_port(small: Scene) -> None:
    settings = ServerSettings(database="", blobs=Path(), host="::1", port=80, secure_cookies=True)
    assert address(settings) == "https://[::1]:80/"


def raw(server: LiveServer, target: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    """A request whose target nobody tidies up."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("GET", target, skip_host=True)
    connection.putheader("Host", "localhost")
    connection.endheaders()
    response = connection.getresponse()
    found = (response.status, response.read(), response.headers)
    connection.close()
    return found


def test_a_real_server_gives_nothing_but_the_page_away(small: Scene, tmp_path: Path) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>review</title>")
    (static / "assets" / "page-1234.js").write_text("let page")
    (tmp_path / "secret.txt").write_text("secret")
    server = LiveServer(small.settings.database, tmp_path)
    server.start()
    try:
        for view in ("/", "/review/42", "/lead"):
            status, body, headers = raw(server, view)
            assert status == 200 and b"review" in body, view
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "uvicorn" not in (headers["server"] or "")
        status, body, headers = raw(server, "/assets/page-1234.js")
        assert status == 200 and body == b"let page" and "immutable" in headers["cache-control"]
        for target in (
            "/../secret.txt",
            "/assets/../../secret.txt",
            "/assets/%2e%2e/%2e%2e/secret.txt",
            "/assets/..%2f..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..\\secret.txt",
            "//etc/passwd/../../secret.txt",
            "/review.db",
            "/assets/absent.js",
            "/api/v1/absent",
        ):
            status, body, headers = raw(server, target)
            assert status == 404 and b"secret" not in body.replace(target.encode(), b""), target
            assert json.loads(body)["code"] in ("bad_path", "not_found")
    finally:
        server.stop()
    assert len(small.events("refused.bad_path")) == 7


def test_without_a_built_page_the_server_says_how_to_build_it(small: Scene) -> None:
    answer = small.stranger().get("/")
    assert answer.status_code == 503 and "make annotate" in answer.text
    assert small.stranger().get("/api/v1/session").status_code == 200
