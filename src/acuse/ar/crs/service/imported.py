"""What a row of another program's tables means here. The columns are documented in docs/crs-import.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from acuse.accounts.model import DEFAULT_LIMIT, Role, UserStatus
from acuse.accounts.service import ImportedUser
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.model import CURRENCY, ZONE, EstadoControlador, EstadoDescarga
from acuse.kernel.handed_in import CellInvalid, Cells
from acuse.kernel.money import Money

E = TypeVar("E", bound=Enum)


class Kind(StrEnum):
    """The kinds of tables, in the order in which one needs the other."""

    USUARIOS = "usuarios"
    CONTROLADORES = "controladores"
    CERTIFICADOS = "certificados"
    DESCARGAS = "descargas"


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of table: all it may have, those it must have, and the one a row is known by."""

    known: Sequence[str]
    needed: Sequence[str]
    key: str


COLUMNS: Final = {
    Kind.USUARIOS: Columns(
        known=(
            "cuit",
            "nombre",
            "mail",
            "id_rol",
            "limite_descargas",
            "password_hash",
            "status",
            "must_change_password",
            "created_at",
            "ultimo_login",
        ),
        needed=("cuit", "nombre", "id_rol"),
        key="cuit",
    ),
    Kind.CONTROLADORES: Columns(
        known=("controlador_id", "estado", "created_at"), needed=("controlador_id",), key="controlador_id"
    ),
    Kind.CERTIFICADOS: Columns(
        known=("archivo", "nombre", "controlador_id", "id_certificado", "created_at"),
        needed=("archivo",),
        key="archivo",
    ),
    Kind.DESCARGAS: Columns(
        known=(
            "id_descarga",
            "cuit",
            "id_certificado",
            "controlador_id",
            "fecha",
            "estado",
            "precio",
            "moneda",
            "ip_origen",
        ),
        needed=("id_descarga", "cuit", "fecha", "estado"),
        key="id_descarga",
    ),
}


@dataclass(frozen=True, kw_only=True)
class ImportedControlador:
    """A device as the other program knew it."""

    controlador: ControladorId
    estado: EstadoControlador
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ImportedCertificado:
    """A certificate and where its file lies."""

    file: Path
    nombre: str
    controlador: ControladorId | None
    id: UUID | None
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ImportedDescarga:
    """A download that was counted elsewhere."""

    id: UUID
    tax_id: str
    certificate_id: UUID | None
    controlador: ControladorId | None
    fecha: datetime
    estado: EstadoDescarga
    precio: Money | None
    ip_origen: str | None


def user_of(cells: Cells) -> ImportedUser:
    """Read a user. Raises CellInvalid."""
    status = cells.text("status", UserStatus.ACTIVE).lower()
    return ImportedUser(
        tax_id=cells.needed("cuit"),
        name=cells.needed("nombre"),
        mail=cells.text("mail"),
        role=_one_of(Role, cells, "id_rol", lambda text: Role(int(text)) if text.isdigit() else Role[text.upper()]),
        limite_descargas=cells.integer("limite_descargas", DEFAULT_LIMIT),
        password_hash=cells.text("password_hash"),
        status=UserStatus(status)
        if status in set(UserStatus)
        else (UserStatus.ACTIVE if cells.flag("status", default=True) else UserStatus.INACTIVE),
        must_change_password=cells.flag("must_change_password", default=False),
        created_at=cells.instant("created_at", ZONE),
        last_login_at=cells.instant("ultimo_login", ZONE),
    )


def controlador_of(cells: Cells) -> ImportedControlador:
    """Read a device. Raises CellInvalid, InvalidControlador."""
    return ImportedControlador(
        controlador=ControladorId.parse(cells.needed("controlador_id")),
        estado=_one_of(EstadoControlador, cells, "estado", EstadoControlador, default=EstadoControlador.ACTIVO),
        created_at=cells.instant("created_at", ZONE),
    )


def certificado_of(cells: Cells, folder: Path) -> ImportedCertificado:
    """Read a certificate; its file lies beside the table. Raises CellInvalid, InvalidControlador."""
    return ImportedCertificado(
        file=folder / cells.needed("archivo"),
        nombre=cells.text("nombre"),
        controlador=_controlador(cells),
        id=cells.uuid("id_certificado"),
        created_at=cells.instant("created_at", ZONE),
    )


def descarga_of(cells: Cells, now: datetime) -> ImportedDescarga:
    """Read a download. Raises CellInvalid, InvalidControlador."""
    cells.needed("id_descarga")
    cells.needed("fecha")
    download_id, fecha = cells.uuid("id_descarga"), cells.instant("fecha", ZONE)
    assert download_id is not None
    assert fecha is not None
    if fecha > now:
        raise CellInvalid(column="fecha", problem="está en el futuro.")
    certificate_id, controlador = cells.uuid("id_certificado"), _controlador(cells)
    if certificate_id is None and controlador is None:
        raise CellInvalid(column="id_certificado", problem="falta, y tampoco hay controlador_id.")
    precio = cells.amount("precio")
    return ImportedDescarga(
        id=download_id,
        tax_id=cells.needed("cuit"),
        certificate_id=certificate_id,
        controlador=controlador,
        fecha=fecha,
        estado=_one_of(EstadoDescarga, cells, "estado", EstadoDescarga),
        precio=None if precio is None else Money(precio, cells.text("moneda", CURRENCY).upper()),
        ip_origen=cells.text("ip_origen") or None,
    )


def _controlador(cells: Cells) -> ControladorId | None:
    text = cells.text("controlador_id")
    return ControladorId.parse(text) if text else None


def _one_of(kind: type[E], cells: Cells, column: str, read: Callable[[str], E], default: E | None = None) -> E:
    text = cells.text(column)
    if not text and default is not None:
        return default
    try:
        return read(cells.needed(column))
    except (ValueError, KeyError) as error:
        wanted = ", ".join(str(one.value) for one in kind)
        raise CellInvalid(column=column, problem=f"«{text}» no es ninguno de: {wanted}.") from error
