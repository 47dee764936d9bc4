"""What an e-mail of ours is: its states, its templates and when it is tried again. No I/O."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Final, Self

from acuse.notices.errors import RecipientInvalid

DELAYS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
_ADDRESS: Final = re.compile(r"[^@\s\"'<>(),;:\\\[\]\x00-\x20\x7f]+@[^@\s\"'<>(),;:\\\[\]\x00-\x20\x7f]+")
_MAX_ADDRESS: Final = 254


class NoticeState(StrEnum):
    """Where an e-mail stands. Values are the public ones."""

    PENDING = "Pendiente"
    SENT = "Enviado"
    FAILED = "Error"


class Template(StrEnum):
    """The e-mails there are; the value names the files in `templates/`, `needs` what each one is filled with.

    `url` is the public address of Acuse, or empty, when no link can be given.
    """

    needs: tuple[str, ...]

    def __new__(cls, value: str, *needs: str) -> Self:
        """Keep the names of the context beside the file's name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.needs = needs
        return member

    WELCOME = "bienvenida", "name", "tax_id", "url"
    PASSWORD_CHANGED = "contrasena_cambiada", "name", "url"
    TOKEN_REUSED = "sesion_reutilizada", "name", "url"
    ACCOUNT_LOCKED = "cuenta_bloqueada", "name", "url"
    INVITATION = "invitacion", "name", "tax_id", "temporary", "url"
    RECOVERY = "recuperar", "name", "secret", "minutes", "url"
    SECOND_FACTOR = "segundo_paso", "name", "enabled", "url"
    AUDIT_CHECKPOINT = "punto_de_control", "seq", "document", "url"
    JOBS_FAILED = "trabajos_fallidos", "jobs", "url"
    EFIRMA_ENDING = "efirma_por_vencer", "name", "rfc", "holder", "days", "number", "valid_until", "url", "path"
    CRS_ALERT = "crs_aviso", "kind", "name", "cuit", "pending", "limit", "attempts", "url"
    CRS_STATEMENT = "crs_resumen", "name", "month", "downloads", "pending", "corrections", "id", "url"
    CRS_RADAR = "crs_por_vencer", "count", "devices", "more", "url"
    CFDI_CANCELLED = "cfdi_cancelados", "rfc", "count", "cancelled", "more", "url"
    TAXPAYER_LISTED = "lista_69b", "rfc", "listed", "list_date", "url"
    DOWNLOAD_SUMMARY = (
        "resumen_descarga",
        "clients",
        "day",
        "cfdis",
        "retenciones",
        "cancelled_count",
        "attention",
        "url",
    )


ONE_TIME: Final = frozenset({Template.INVITATION, Template.RECOVERY})
"""The e-mails that let somebody in: their text is blanked once they are sent."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One e-mail to one person."""

    id: int
    key: str
    template: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    state: NoticeState
    attempts: int
    next_try_at: datetime | None
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


def delay_after(attempts: int) -> timedelta | None:
    """Answer the wait after this many failed tries: 1 min, 5 min, 30 min, 2 h, 6 h, then None, which is giving up."""
    return DELAYS[attempts - 1] if 1 <= attempts <= len(DELAYS) else None


def clean_address(text: str) -> str:
    """Answer a bare address; raises RecipientInvalid for anything that could be two, or a header."""
    address = text.strip()
    if len(address) > _MAX_ADDRESS or not _ADDRESS.fullmatch(address) or parseaddr(address)[1] != address:
        raise RecipientInvalid
    return address


def one_line(text: str) -> str:
    """Answer the text as one line: what goes into a header can never start another."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).split())


def message_id_of(key: str, recipient: str, sender: str) -> str:
    """Answer the Message-ID, the same for the same notice, so that a repeated delivery collapses."""
    digest = hashlib.sha256(f"{key}\n{recipient}".encode()).hexdigest()[:32]
    domain = sender.rpartition("@")[2] or "acuse.invalid"
    return f"<{digest}@{domain}>"
