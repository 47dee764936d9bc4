"""Builds packages: a ZIP of `{UUID}.xml`, or a ZIP of metadata rows separated by `~`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

from acuse.mx.outside.sat_descarga.simulator.documents import Document, is_cancelled
from acuse.mx.outside.sat_descarga.simulator.quirks import MetadataQuirk, XmlQuirk

HEADER: Final = (
    "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~FechaCertificacionSat"
    "~Monto~EfectoComprobante~Estatus~FechaCancelacion"
)
TERCERO_HEADER: Final = "Uuid~RfcACuentaTerceros~NombreACuentaTerceros"
_MOMENT: Final = (2025, 1, 1, 0, 0, 0)  # the same documents give the same bytes
_WORDS: Final = {"I": "Ingreso", "E": "Egreso", "T": "Traslado", "N": "Nómina", "P": "Pago"}


def build_xml_package(documents: Iterable[Document], quirks: Collection[StrEnum] = ()) -> bytes:
    """Answer the ZIP of these documents' XML."""
    return _zip(_xml_entries(documents, quirks))


def _xml_entries(documents: Iterable[Document], quirks: Collection[StrEnum]) -> Iterator[tuple[str, bytes]]:
    ending = ".xml.xml" if XmlQuirk.DOUBLE_EXTENSION in quirks else ".xml"
    lower = XmlQuirk.LOWER_CASE_NAMES in quirks
    for one in documents:
        yield (one.uuid.lower() if lower else one.uuid.upper()) + ending, one.xml()
    if XmlQuirk.JUNK_ENTRIES in quirks:
        yield "leame.txt", b"Servicio de Administraci\xc3\xb3n Tributaria"
        yield "__MACOSX/._00000000.xml", b"\x00\x05\x16\x07"
        yield "vacio.xml", b""


def build_metadata_package(
    name: str, documents: Iterable[Document], today: datetime, quirks: Collection[StrEnum] = ()
) -> bytes:
    """Answer the ZIP of these documents' rows as they stand today, with the third parties' file when it has rows.

    `name` is the package's id (request and counter), of which the files take their names.
    """
    return _zip(_metadata_entries(name, documents, today, quirks))


def _metadata_entries(
    name: str, documents: Iterable[Document], today: datetime, quirks: Collection[StrEnum]
) -> Iterator[tuple[str, bytes]]:
    terceros = [TERCERO_HEADER]
    end = "\r\n\r\n" if MetadataQuirk.BLANK_LINES in quirks else "\r\n"
    table = io.BytesIO(("\ufeff" if MetadataQuirk.BYTE_ORDER_MARK in quirks else "").encode())
    table.seek(0, io.SEEK_END)
    for row in _rows(documents, today, quirks, terceros):
        table.write(f"{row}{end}".encode())
    yield f"{name}.txt", table.getvalue()
    if len(terceros) > 1:
        yield f"{name.rpartition('_')[0]}_tercero.txt", "".join(f"{line}\r\n" for line in terceros).encode()


def _rows(
    documents: Iterable[Document], today: datetime, quirks: Collection[StrEnum], terceros: list[str]
) -> Iterator[str]:
    """Walk the rows once; third parties met on the way are added to their own table."""
    extra = MetadataQuirk.EXTRA_COLUMN in quirks
    row = ""
    yield HEADER + ("~Nueva" if extra else "")
    for place, one in enumerate(documents):
        row = _row(one, today, quirks, odd=place % 3 == 0)
        if MetadataQuirk.SHORT_ROWS in quirks:
            row = row.removesuffix("~")
        yield row + ("~x" if extra else "")
        if one.rfc_tercero:
            terceros.append(f"{one.uuid.lower()}~{one.rfc_tercero}~{one.nombre_tercero}")
    if MetadataQuirk.EMPTY_UUID in quirks and row:
        yield "~" + row.partition("~")[2]


def _row(one: Document, today: datetime, quirks: Collection[StrEnum], *, odd: bool) -> str:
    cancelled = is_cancelled(one, today)
    words = MetadataQuirk.WORDS in quirks
    estatus = ("Cancelado" if cancelled else "Vigente") if words else str(int(not cancelled))
    return "~".join(
        (
            one.uuid.lower() if MetadataQuirk.LOWER_CASE_UUID in quirks else one.uuid.upper(),
            one.rfc_emisor,
            one.nombre_emisor,
            one.rfc_receptor,
            _odd_name(one.nombre_receptor, quirks) if odd else one.nombre_receptor,
            one.rfc_pac,
            f"{one.fecha:%Y-%m-%d %H:%M:%S}",
            f"{one.fecha_timbrado:%Y-%m-%d %H:%M:%S}",
            str(one.total),
            _WORDS.get(one.efecto, one.efecto) if words else one.efecto,
            estatus,
            f"{one.fecha_cancelacion:%Y-%m-%d %H:%M:%S}" if cancelled else "",
        )
    )


def _odd_name(name: str, quirks: Collection[StrEnum]) -> str:
    middle = len(name) // 2
    inserts = {
        MetadataQuirk.LF_IN_NAME: "\n",
        MetadataQuirk.TILDE_IN_NAME: "~",
        MetadataQuirk.QUOTES_IN_NAME: '"',
        MetadataQuirk.CONTROL_CHARACTERS: "\x07",
    }
    insert = "".join(text for quirk, text in inserts.items() if quirk in quirks)
    return name[:middle] + insert + name[middle:]


def _zip(entries: Iterable[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED, compresslevel=4)
    return target.getvalue()
