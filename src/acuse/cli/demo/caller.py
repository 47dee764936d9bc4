"""Calls the application as any program would: over its HTTP face, with a bearer token."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from acuse.cli.demo.errors import DemoCallFailed
from acuse.kernel.http import HttpClients

_SHOWN_CHARS: Final = 300


class Caller:
    """One user of the application. Logs in by itself, and again when its token has ended."""

    def __init__(self, http: HttpClients, url: str, *, tax_id: str, password: str) -> None:
        self._http = http.client(name="demo", base_url=url)
        self._tax_id = tax_id
        self._password = password
        self._token = ""

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """Ask; query values are written out."""
        return await self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    async def find(self, path: str) -> dict[str, Any] | None:
        """Ask for what may not be there."""
        try:
            return await self.get(path)
        except DemoCallFailed as error:
            if error.details["status"] == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def post(self, path: str, body: Mapping[str, object], **headers: str) -> dict[str, Any]:
        """Send JSON."""
        return await self._call(
            "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )

    async def put_form(self, path: str, files: Mapping[str, bytes], fields: Mapping[str, str]) -> dict[str, Any]:
        """Send files and fields as a browser's form does."""
        boundary = secrets.token_hex(16)
        content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return await self._call("PUT", path, _form(boundary, files, fields), content_type)

    async def _call(
        self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        for _ in range(2):
            if not self._token:
                await self._log_in()
            sent = {**(headers or {}), "Authorization": f"Bearer {self._token}"}
            reply = await self._http.request(method, path, headers=sent, content=content)
            if reply.status != HTTPStatus.UNAUTHORIZED:
                break
            self._token = ""
        return _read(f"{method} {path}", reply.status, reply.body)

    async def _log_in(self) -> None:
        body = json.dumps({"cuit": self._tax_id, "password": self._password}).encode()
        reply = await self._http.request(
            "POST", "/auth/login", headers={"Content-Type": "application/json"}, content=body
        )
        self._token = _read("POST /auth/login", reply.status, reply.body)["accessToken"]


def segment(text: str) -> str:
    """Answer a text as one segment of a path."""
    return quote(text, safe="")


def _read(call: str, status: int, body: bytes) -> dict[str, Any]:
    if status >= HTTPStatus.BAD_REQUEST:
        raise DemoCallFailed(status=status, call=call, answer=body[:_SHOWN_CHARS].decode("utf-8", "replace"))
    answer: dict[str, Any] = json.loads(body or b"{}")
    return answer


def _form(boundary: str, files: Mapping[str, bytes], fields: Mapping[str, str]) -> bytes:
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [(f'name="{name}"; filename="{name}"', data) for name, data in files.items()]
    written = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode() + data + b"\r\n"
        for name, data in parts
    )
    return written + f"--{boundary}--\r\n".encode()
