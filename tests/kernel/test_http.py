"""Outgoing HTTP: whole replies of any status, faults that say what was sent, nothing secret in the log."""

from __future__ import annotations

import gzip
import logging
import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from acuse.kernel.clock import MovableClock
from acuse.kernel.http import HttpClients, HttpReply, ReplyTooLarge, ReplyUnreadable, ServiceUnreachable, Timeouts
from acuse.kernel.logs import configure
from tests.support.raw_server import cut, hang, raw_server, reply

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


@pytest.fixture
async def http(clock: MovableClock) -> AsyncIterator[HttpClients]:
    async with HttpClients(clock) as clients:
        yield clients


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class TestReply:
    async def test_a_soap_fault_with_500_is_a_reply_like_any_other(self, http: HttpClients) -> None:
        async with raw_server(reply(500, b"<s:Fault/>", Content_Type="text/xml")) as server:
            answer = await http.client(name="sat", base_url=server.url).request("POST", "/x", content=b"<a/>")
        assert (answer.status, answer.body, answer.headers["content-type"]) == (500, b"<s:Fault/>", "text/xml")

    async def test_headers_and_body_arrive_as_given(self, http: HttpClients) -> None:
        async with raw_server(reply()) as server:
            await http.client(name="sat").request(
                "POST", f"{server.url}/a?b=c", headers={"SOAPAction": '"x"'}, content=b"123"
            )
        [head] = server.seen
        assert head.startswith("POST /a?b=c HTTP/1.1\r\n")
        assert 'soapaction: "x"' in head.lower()
        assert "content-length: 3" in head.lower()

    async def test_the_server_s_clock_is_read(self, http: HttpClients) -> None:
        async with raw_server(reply(Date="Mon, 02 Mar 2026 18:00:00 GMT")) as server:
            answer = await http.client(name="sat").request("GET", server.url)
        assert answer.server_date == START

    @pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Mar 2026 18:00:00 GMT"])
    def test_a_clock_that_cannot_be_read_is_none(self, date: str) -> None:
        assert HttpReply(status=200, headers={"date": date}).server_date is None

    @pytest.mark.parametrize(
        ("asked", "wait_s"), [("120", 120), ("Mon, 02 Mar 2026 18:01:30 GMT", 90), ("soon", None), ("", None)]
    )
    def test_the_wait_asked_for_is_read(self, asked: str, wait_s: float | None) -> None:
        headers = {"retry-after": asked, "date": "Mon, 02 Mar 2026 18:00:00 GMT"}
        assert HttpReply(status=503, headers=headers).retry_after_s == wait_s

    async def test_gzip_is_undone(self, http: HttpClients) -> None:
        body = gzip.compress(b"hola" * 1000)
        async with raw_server(reply(200, body, Content_Encoding="gzip")) as server:
            assert (await http.client(name="sat").request("GET", server.url)).body == b"hola" * 1000

    async def test_broken_gzip_is_told(self, http: HttpClients) -> None:
        async with raw_server(reply(200, b"not gzip", Content_Encoding="gzip")) as server:
            with pytest.raises(ReplyUnreadable, match="sat"):
                await http.client(name="sat").request("GET", server.url)

    async def test_redirects_are_not_followed_and_cookies_not_kept(self, http: HttpClients) -> None:
        answer = reply(302, Location="http://elsewhere.invalid/", Set_Cookie="session=1; Path=/")
        async with raw_server(answer) as server:
            client = http.client(name="sat", base_url=server.url)
            assert (await client.request("GET", "/")).status == 302
            await client.request("GET", "/")
        assert "cookie" not in server.seen[1].lower()


class TestBounds:
    async def test_an_announced_giant_is_refused_unread(self, http: HttpClients) -> None:
        async with raw_server(reply(200, b"x" * 2000)) as server:
            with pytest.raises(ReplyTooLarge):
                await http.client(name="sat", max_body_bytes=1000).request("GET", server.url)

    async def test_a_small_gzip_that_grows_is_stopped(self, http: HttpClients) -> None:
        bomb = gzip.compress(b"\0" * 5_000_000)
        async with raw_server(reply(200, bomb, Content_Encoding="gzip")) as server:
            with pytest.raises(ReplyTooLarge):
                await http.client(name="sat", max_body_bytes=100_000).request("GET", server.url)

    async def test_silence_ends_by_the_read_limit(self, http: HttpClients) -> None:
        async with raw_server(hang()) as server:
            client = http.client(name="sat", timeout=Timeouts(read_s=0.1))
            with pytest.raises(ServiceUnreachable) as caught:
                await client.request("POST", server.url)
        assert (caught.value.details["cause"], caught.value.details["sent"]) == ("timeout", True)

    async def test_a_drip_that_never_ends_is_ended_by_the_total_limit(self, http: HttpClients) -> None:
        async with raw_server(hang(drip=b"x")) as server:
            client = http.client(name="sat", timeout=Timeouts(read_s=5, total_s=0.3))
            with pytest.raises(ServiceUnreachable) as caught:
                await client.request("GET", server.url)
        assert caught.value.details["cause"] == "timeout"


class TestFaults:
    async def test_nobody_listening_proves_that_nothing_was_sent(self, http: HttpClients, clock: MovableClock) -> None:
        client = http.client(name="sat", called="la puerta del SAT", base_url=f"http://127.0.0.1:{closed_port()}")
        with pytest.raises(ServiceUnreachable, match="No hubo respuesta de la puerta del SAT: ") as caught:
            await client.request("POST", "/", content=b"x")
        assert caught.value.retryable
        assert (caught.value.details["cause"], caught.value.details["sent"]) == ("connect", False)
        assert clock.now() > START  # it was tried again, which is safe for a POST too

    async def test_a_cut_after_sending_is_not_repeated_unasked(self, http: HttpClients) -> None:
        async with raw_server(cut()) as server:
            with pytest.raises(ServiceUnreachable) as caught:
                await http.client(name="sat").request("POST", server.url, content=b"x")
            assert len(server.seen) == 1
        assert (caught.value.details["cause"], caught.value.details["sent"]) == ("cut", True)

    async def test_a_body_cut_in_the_middle_is_a_fault(self, http: HttpClients) -> None:
        async with raw_server(cut(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf")) as server:
            with pytest.raises(ServiceUnreachable):
                await http.client(name="sat").request("GET", server.url)


class TestRetry:
    async def test_an_idempotent_call_is_repeated_after_a_cut(self, http: HttpClients) -> None:
        async with raw_server(cut(), reply(200, b"ok")) as server:
            assert (await http.client(name="sat").request("GET", server.url, retry=True)).body == b"ok"
            assert len(server.seen) == 2

    async def test_it_waits_what_the_service_asks(self, http: HttpClients, clock: MovableClock) -> None:
        async with raw_server(reply(503, Retry_After="7"), reply(200)) as server:
            assert (await http.client(name="sat").request("GET", server.url, retry=True)).status == 200
        assert (clock.now() - START).total_seconds() == 7

    async def test_the_last_answer_is_given_when_it_does_not_get_better(self, http: HttpClients) -> None:
        async with raw_server(reply(503)) as server:
            assert (await http.client(name="sat", retries=2).request("GET", server.url, retry=True)).status == 503
            assert len(server.seen) == 3

    async def test_other_statuses_are_not_repeated(self, http: HttpClients) -> None:
        async with raw_server(reply(500)) as server:
            assert (await http.client(name="sat").request("GET", server.url, retry=True)).status == 500
            assert len(server.seen) == 1


class TestMount:
    async def test_an_application_answers_for_its_origin_only(self, http: HttpClients) -> None:
        async def hello(request: Request) -> Response:
            return PlainTextResponse(f"{request.url.path} {(await request.body()).decode()}")

        http.mount("https://sat.invalid", Starlette(routes=[Route("/x", hello, methods=["POST"])]))
        client = http.client(name="sat", base_url="https://sat.invalid:443")
        assert (await client.request("POST", "/x", content=b"hola")).body == b"/x hola"
        with pytest.raises(ServiceUnreachable):
            await http.client(name="otro", retries=0).request("GET", f"http://127.0.0.1:{closed_port()}/x")

    async def test_it_is_not_asked_through_a_redirect(self, http: HttpClients) -> None:
        async def away(_: Request) -> Response:
            return RedirectResponse("https://elsewhere.invalid/")

        http.mount("https://sat.invalid", Starlette(routes=[Route("/", away)]))
        assert (await http.client(name="sat").request("GET", "https://sat.invalid/")).status == 307


class TestProxy:
    async def test_proxy_variables_do_not_reach_this_machine(
        self, http: HttpClients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert os.environ["HTTP_PROXY"]
        async with raw_server(reply(204)) as server:
            assert (await http.client(name="sat").request("GET", server.url)).status == 204

    async def test_proxy_variables_are_obeyed_towards_the_world(
        self, http: HttpClients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with raw_server(reply(200, b"through the proxy")) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("NO_PROXY", "")
            monkeypatch.setenv("no_proxy", "")
            assert (await http.client(name="sat").request("GET", "http://sat.invalid/")).body == b"through the proxy"


class TestTelling:
    async def test_the_log_holds_host_path_and_status_and_no_secret(
        self, http: HttpClients, capfd: pytest.CaptureFixture[str]
    ) -> None:
        configure("debug", "json")
        try:
            async with raw_server(reply(200, b"body-secret")) as server:
                await http.client(name="sat").request(
                    "POST",
                    f"{server.url}/path?query=query-secret",
                    headers={"Authorization": "WRAP access_token=header-secret"},
                    content=b"content-secret",
                )
        finally:
            told = capfd.readouterr().err
            for handler in [known for known in logging.getLogger().handlers if getattr(known, "of_acuse", False)]:
                logging.getLogger().removeHandler(handler)
        assert '"path": "/path"' in told
        assert '"outcome": "200"' in told
        assert "secret" not in told

    async def test_calls_are_counted_by_service_and_outcome(self, http: HttpClients) -> None:
        async with raw_server(reply(418)) as server:
            await http.client(name="contado").request("GET", server.url)
        labels = {"service": "contado", "outcome": "418"}
        assert REGISTRY.get_sample_value("acuse_outgoing_seconds_count", labels) == 1
