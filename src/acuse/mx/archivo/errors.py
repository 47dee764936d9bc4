"""The archive's own faults."""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput, NotFound


class CfdiNotFound(NotFound):
    """No CFDI of this UUID, or not of a taxpayer the caller may see."""

    code = "CFDI_NOT_FOUND"
    message = "No hay un CFDI con el folio fiscal {uuid} entre los contribuyentes que puedes ver."


class XmlNotStored(NotFound):
    """The CFDI is known from metadata only; its XML was not downloaded."""

    code = "CFDI_XML_NOT_STORED"
    message = (
        "Del CFDI {uuid} se conocen los metadatos, pero su XML todavía no se ha descargado. "
        "Envía una solicitud de CFDI que cubra su fecha."
    )


class BadSearch(InvalidInput):
    """A filter that cannot be read."""

    code = "CFDI_SEARCH_INVALID"
    message = "Uno de los filtros no se entiende: {problem}"
