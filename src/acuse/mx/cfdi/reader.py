"""The one door for XML that comes from outside: no entities, no DTD, no network, bounded depth and size."""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.mx.cfdi.errors import UnreadableXml

MAX_DOCUMENT_BYTES: Final = 32 * 1024 * 1024


class _NothingOutside(etree.Resolver):
    """Refuse whatever the parser would fetch; a second lock behind `no_network` and `load_dtd`."""

    def resolve(self, *_: object) -> None:
        raise UnreadableXml(problem="pide un archivo externo")


def hardened_parser() -> etree.XMLParser:
    """Make the parser. One may be reused; threads that share it take turns.

    `collect_ids` stays at its default: libxml2 opens external DTDs when it is turned off (seen with 2.14).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    parser.resolvers.add(_NothingOutside())
    return parser


_PARSER: Final = hardened_parser()


def parse_xml(xml: bytes, parser: etree.XMLParser | None = None) -> etree._Element:
    """Read one document into a tree; raises UnreadableXml for what is not plain, self-contained XML."""
    if len(xml) > MAX_DOCUMENT_BYTES:
        raise UnreadableXml(problem="es demasiado grande")
    try:
        root = etree.fromstring(xml, _PARSER if parser is None else parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise UnreadableXml(problem=f"está mal escrito en la línea {line}, columna {column}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableXml(problem="trae una DTD")
    return root
