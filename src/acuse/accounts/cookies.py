"""The session cookie of pages."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class SessionCookie:
    """How the session's secret travels: HttpOnly, SameSite=Lax; Secure and bound to the host on https."""

    secure: bool
    life_s: int

    @property
    def name(self) -> str:
        """Answer the cookie's name. The prefix makes browsers refuse one set by another host or without TLS."""
        return "__Host-acuse_sesion" if self.secure else "acuse_sesion"

    def read(self, request: Request) -> str | None:
        """Answer the secret the browser sent."""
        return request.cookies.get(self.name)

    def put(self, response: Response, secret: str) -> None:
        """Hand the browser its secret."""
        response.set_cookie(
            self.name, secret, max_age=self.life_s, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def drop(self, response: Response) -> None:
        """Take the secret back."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")
