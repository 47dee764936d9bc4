"""JSON: one's own open sessions, looked at and ended at once."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.accounts.schemas.sessions import EndedOut, SessionOut, SessionsOut
from acuse.accounts.service import SessionService
from acuse.webkit.routes import CRS_ENVELOPE
from acuse.webkit.services import provide

Sessions = Annotated[SessionService, provide(SessionService)]

own = api_router("/users/me/sessions", envelope=CRS_ENVELOPE, tags=["Sesiones"])


@own.get("", summary="Mis sesiones abiertas")
@needs(Right.ACCOUNT_SECURE)
async def list_sessions(caller: Caller, sessions: Sessions) -> SessionsOut:
    """Answer every open session of the caller, browsers and programs alike."""
    found = await sessions.open_of(caller)
    return SessionsOut(sesiones=[SessionOut.of(session, caller.session_id) for session in found])


@own.delete("", summary="Cerrar mis demás sesiones")
@needs(Right.ACCOUNT_SECURE)
async def end_others(caller: Caller, sessions: Sessions) -> EndedOut:
    """End all sessions but the one that asks; their tokens are good for nothing from now on."""
    return EndedOut(cerradas=await sessions.end_others(caller))


@own.delete("/{session_id}", status_code=204, summary="Cerrar una de mis sesiones")
@needs(Right.ACCOUNT_SECURE)
async def end_session(session_id: UUID, caller: Caller, sessions: Sessions) -> Response:
    """End one session at once; 404 for another's."""
    await sessions.end(caller, session_id)
    return Response(status_code=204)
