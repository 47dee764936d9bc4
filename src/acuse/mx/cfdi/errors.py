"""What can be wrong with a document or a package.

CfdiError
├── UnreadableXml          not XML, or XML that does what a fiscal document never does
├── NotACfdi               good XML of something else, or of a version we do not read
├── NotStamped             no TimbreFiscalDigital, hence no UUID
├── BadCfdi                an attribute we need is missing or has an impossible value
├── SealInvalid            the sello does not match the document
└── ComplementNotSealed    a complement whose cadena original we do not know
PaqueteError
├── NotAPaquete            not a ZIP, or a broken one
├── PaqueteTooLarge        more members or more bytes than a package of the SAT can hold
├── MemberUnreadable       one member is damaged, encrypted or lies about its size
└── MetadataUnknown        a table that does not begin as the SAT's metadata
"""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput


class CfdiError(InvalidInput):
    """A document cannot be taken as a CFDI."""

    code = "CFDI_INVALID"
    message = "El documento no se puede tomar como CFDI. Revisa que sea el XML original."


class UnreadableXml(CfdiError):
    """Not XML, or XML with a DTD, entities or depths a fiscal document never has."""

    code = "CFDI_XML_UNREADABLE"
    message = "El archivo no es un XML que se pueda leer ({problem}). Usa el XML original, sin modificar."


class NotACfdi(CfdiError):
    """Good XML, but not a CFDI of a version we read."""

    code = "CFDI_UNKNOWN_DOCUMENT"
    message = "El documento «{root}» no es un CFDI 4.0, 3.3 o 3.2 ni una constancia de retenciones 2.0 o 1.0."


class NotStamped(CfdiError):
    """The document has no TimbreFiscalDigital, so it has no UUID."""

    code = "CFDI_NOT_STAMPED"
    message = "El CFDI no tiene timbre fiscal: todavía no es un comprobante válido."


class BadCfdi(CfdiError):
    """An attribute the index needs is missing or has an impossible value."""

    code = "CFDI_ATTRIBUTE_INVALID"
    message = "El atributo {attribute} del CFDI falta o no es válido."


class SealInvalid(CfdiError):
    """The sello does not match the document: it was changed, or sealed by another key."""

    code = "CFDI_SEAL_INVALID"
    message = "El sello no corresponde al documento: el XML fue alterado o lo selló otra llave."


class ComplementNotSealed(CfdiError):
    """The cadena original of this complement is not known here."""

    code = "CFDI_COMPLEMENT_UNKNOWN"
    message = "Acuse no conoce la cadena original del complemento «{complement}», así que no puede comprobar su sello."


class PaqueteError(InvalidInput):
    """A package cannot be opened."""

    code = "PAQUETE_INVALID"
    message = "El paquete no se puede abrir."


class NotAPaquete(PaqueteError):
    """The bytes are not a ZIP, or its directory is broken."""

    code = "PAQUETE_NOT_A_ZIP"
    message = "El paquete no es un ZIP que se pueda leer ({problem}): llegó dañado o incompleto."


class PaqueteTooLarge(PaqueteError):
    """The package holds more than one of the SAT can hold; it may be a bomb."""

    code = "PAQUETE_TOO_LARGE"
    message = "El paquete rebasa los límites ({problem}). No se abrió por seguridad."


class MemberUnreadable(PaqueteError):
    """One member of the package is damaged, encrypted or lies about its size."""

    code = "PAQUETE_MEMBER_UNREADABLE"
    message = "Un archivo del paquete no se puede leer ({problem})."


class MetadataUnknown(PaqueteError):
    """A table whose first line is not one of the SAT's metadata."""

    code = "METADATA_UNKNOWN"
    message = "El archivo no empieza como los metadatos del SAT («Uuid~RfcEmisor~…»)."
