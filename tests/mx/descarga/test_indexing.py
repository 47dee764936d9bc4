"""What of a package cannot be read is told in the story of its solicitud; the rest is indexed."""

from __future__ import annotations

from dataclasses import replace

from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.outside.sat_descarga.codes import TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import MetadataQuirk
from acuse.mx.outside.sat_descarga.simulator.names import Family
from tests.mx.descarga.conftest import RFC, Office, documents, parametros


async def problems(office: Office, tipo: TipoSolicitud) -> list[str]:
    """Bring January down; answer the problems its story tells."""
    row = await office.sending.send(office.alice, RFC, parametros(tipo=tipo))
    await office.settle()
    detail = await office.reading.solicitud(office.alice, row.id)
    assert detail.solicitud.estado is Estado.COMPLETA
    assert Suceso.INDEXADO in [line.suceso for line in detail.history]
    return [line.mensaje for line in detail.history if line.suceso is Suceso.PROBLEMA]


class TestWhatCannotBeRead:
    async def test_a_document_is_named(self, office: Office) -> None:
        broken = next(each for each in documents() if each.rfc_emisor == RFC and each.fecha.month == 1)
        others = [each for each in documents() if each is not broken]
        office.sat.hold(Family.CFDI, RFC, [*others, replace(broken, xml=lambda: b"<roto")])
        (told,) = await problems(office, TipoSolicitud.CFDI)
        assert f"1 parte no se pudo leer: {broken.uuid}.xml (CFDI_XML_UNREADABLE). El ZIP se conserva" in told

    async def test_a_row_of_metadata_is_named(self, office: Office) -> None:
        office.sat.switches.set_quirks([MetadataQuirk.EMPTY_UUID])
        (told,) = await problems(office, TipoSolicitud.METADATA)
        assert "1 parte no se pudo leer: renglón " in told

    async def test_a_package_read_whole_has_nothing_to_tell(self, office: Office) -> None:
        assert await problems(office, TipoSolicitud.CFDI) == []
