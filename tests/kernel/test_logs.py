from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.logs import HIDDEN, configure, get_logger, redact, redact_text

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0\n-----END PRIVATE KEY-----"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where logs go during a test; the logging of the process is put back after it."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure("info", "json", stream=stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def entries(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestRedaction:
    @pytest.mark.parametrize(
        "text",
        [
            'Authorization: WRAP access_token="SECRETO.abc=="',
            "WRAP access_token=SECRETO",
            "Authorization: Bearer SECRETO.abc-123",
            "Basic SECRETO123456=",
            f"llave: {PEM.replace('MIIE', 'SECRETO')}",
            "-----BEGIN RSA PRIVATE KEY-----\nSECRETO",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRETO",
            "postgresql://acuse:SECRETO@db:5432/acuse",
            "redis://:SECRETO@cache:6379/0",
            '{"password": "SECRETO"}',
            "contraseña=SECRETO&x=1",
            "token eyJSECRETO01234.eyJzdWIiOiIx.c2lnbmF0dXJl",
        ],
    )
    def test_hides_secrets_wherever_they_stand_in_a_text(self, text: str) -> None:
        assert "SECRETO" not in redact_text(text)
        assert HIDDEN in redact_text(text)

    @pytest.mark.parametrize(
        "key",
        ["password", "smtp_pass", "Authorization", "token", "access_token", "TOKEN_SECRET", "api_key", "vault_key",
         "Cookie", "set-cookie", "sello", "contraseña", "private_key", "conninfo", "key"],
    )  # fmt: skip
    def test_hides_the_values_of_telling_keys_at_any_depth(self, key: str) -> None:
        assert redact({"a": [{"b": {key: "SECRETO"}}]}) == {"a": [{"b": {key: HIDDEN}}]}

    @pytest.mark.parametrize(
        "kept",
        [
            {"rfc": "ÑA&850101A01", "id_paquete": "4e80345d_01", "tokens_left": 4, "token_expires_at": "2026"},
            {"uuid": "6128396f-c09b-4ec6-8699-43f7d20dd4fe", "path": "/clientes/x/2026", "bytes": 12},
            {"url": "https://sat.example/servicio", "count": None, "ok": True},
        ],
    )
    def test_leaves_everything_else_readable(self, kept: dict[str, object]) -> None:
        assert redact(kept) == kept

    def test_never_prints_bytes(self) -> None:
        assert redact({"body": b"SECRETO"}) == {"body": "<7 bytes>"}

    @given(st.recursive(st.text() | st.binary() | st.none(), lambda inner: st.dictionaries(st.text(), inner)))
    def test_never_breaks(self, value: object) -> None:
        redact(value)


class TestLogs:
    def test_an_entry_carries_its_details_and_the_request_it_belongs_to(self, out: io.StringIO) -> None:
        with structlog.contextvars.bound_contextvars(request_id="r-1", actor="7"):
            get_logger("acuse.test").info("paquete_stored", bytes=12)
        get_logger("acuse.test").info("later")
        first, second = entries(out)
        assert (first["event"], first["bytes"], first["request_id"], first["actor"]) == (
            "paquete_stored",
            12,
            "r-1",
            "7",
        )
        assert (first["level"], first["logger"]) == ("info", "acuse.test")
        assert "request_id" not in second

    def test_entries_below_the_level_are_dropped(self, out: io.StringIO) -> None:
        get_logger("acuse.test").debug("detail")
        assert entries(out) == []

    @pytest.mark.parametrize("name", ["uvicorn.error", "procrastinate", "sqlalchemy.engine", "anything"])
    def test_libraries_speak_through_the_same_chain(self, out: io.StringIO, name: str) -> None:
        logging.getLogger(name).warning("failed with %s", 'WRAP access_token="SECRETO"', extra={"password": "SECRETO"})
        (entry,) = entries(out)
        assert entry["logger"] == name
        assert "SECRETO" not in out.getvalue()

    def test_what_uvicorn_repeats_in_colours_is_left_out(self, out: io.StringIO) -> None:
        logging.getLogger("uvicorn.error").info(
            "Started [%d]", 7, extra={"color_message": "Started [\x1b[36m%d\x1b[0m]"}
        )
        assert (entries(out)[0]["event"], "color" in out.getvalue()) == ("Started [7]", False)

    @pytest.mark.parametrize("form", ["json", "text"])
    def test_a_traceback_is_redacted_too(self, out: io.StringIO, form: Literal["json", "text"]) -> None:
        configure("info", form, stream=out)

        def open_key() -> None:
            raise ValueError(f"no se pudo abrir {PEM}")

        try:
            open_key()
        except ValueError:
            get_logger("acuse.test").exception("broken")
        assert "ValueError: no se pudo abrir" in out.getvalue()
        assert "kqhkiG9w0" not in out.getvalue()

    @pytest.mark.usefixtures("out")
    def test_text_for_a_person_is_redacted_and_without_colours_in_a_file(self) -> None:
        stream = io.StringIO()
        configure("info", "text", stream=stream)
        get_logger("acuse.test").warning("año nuevo", token="SECRETO", rfc="ÑA&")
        told = stream.getvalue()
        assert "año nuevo" in told
        assert "ÑA&" in told
        assert "SECRETO" not in told
        assert "\x1b[" not in told

    def test_configuring_again_does_not_say_everything_twice(self, out: io.StringIO) -> None:
        configure("info", "json", stream=out)
        get_logger("acuse.test").info("once")
        assert len(entries(out)) == 1

    def test_libraries_do_not_chatter(self, out: io.StringIO) -> None:
        logging.getLogger("procrastinate.worker").info("Starting job with arguments")
        logging.getLogger("alembic.runtime.migration").info("Context impl")
        assert entries(out) == []
