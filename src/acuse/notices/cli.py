"""Commands: list the e-mails, send one again."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner
from acuse.notices.model import NoticeState
from acuse.notices.service import Outbox

COLUMNS = ("id", "estado", "destinatario", "asunto", "intentos", "siguiente_intento", "error")


def commands(run: Runner) -> App:
    """Answer the group `acuse notices`."""
    app = App(name="notices", help="Correos a las personas.")

    @app.command(name="list")
    async def show(
        *,
        estado: Annotated[
            Literal["Pendiente", "Enviado", "Error"] | None, Parameter(help="Solo los de este estado.")
        ] = None,
        limite: Annotated[int, Parameter(help="Cuántos mostrar.")] = 50,
    ) -> None:
        """Mostrar los correos, del más nuevo al más viejo."""
        async with run.service(Outbox) as outbox:
            page = await outbox.list(NoticeState(estado) if estado else None, limit=limite)
            reason = outbox.waiting_reason()
        if reason:
            run.say(reason)
        rows = [
            {
                "id": notice.id,
                "estado": notice.state.value,
                "destinatario": notice.recipient,
                "asunto": notice.subject,
                "intentos": notice.attempts,
                "siguiente_intento": notice.next_try_at,
                "error": notice.last_error,
            }
            for notice in page.items
        ]
        run.show(rows, columns=COLUMNS)

    @app.command
    async def retry(notice_id: Annotated[int, Parameter(help="Número del correo, de la lista.")], /) -> None:
        """Volver a enviar un correo que quedó en Error."""
        async with run.service(Outbox) as outbox:
            await outbox.retry(notice_id, actor=run.actor)
        run.say(f"El correo {notice_id} se enviará en un momento.")

    return app
