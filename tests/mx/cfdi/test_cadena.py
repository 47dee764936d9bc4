"""The cadena original equals the official style sheet's, string for string."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from acuse.mx.cfdi.cadena import cadena_original, cadena_timbre
from acuse.mx.cfdi.errors import ComplementNotSealed, NotACfdi
from acuse.mx.cfdi.names import CFD4, TFD, clark
from acuse.mx.cfdi.reader import parse_xml
from tests.mx.cfdi.conftest import chain_of_document, chain_of_stamp
from tests.support.cfdis import some_xml

EVERYTHING = f"""<cfdi:Comprobante xmlns:cfdi="{CFD4}" Version="4.0" Serie="" Fecha="2025-01-01T00:00:00"
 CondicionesDePago=" dos   espacios&#10;y salto " SubTotal="1" Moneda="MXN" Total="1" TipoDeComprobante="I"
 Exportacion="01" LugarExpedicion="06000" Confirmacion="abcde" NoCertificado="30001000000500000001">
 <cfdi:InformacionGlobal Periodicidad="01" Meses="01" Año="2025"/>
 <cfdi:CfdiRelacionados TipoRelacion="01"><cfdi:CfdiRelacionado UUID="A"/><cfdi:CfdiRelacionado UUID="B"/>
 </cfdi:CfdiRelacionados><cfdi:CfdiRelacionados TipoRelacion="04"><cfdi:CfdiRelacionado UUID="C"/>
 </cfdi:CfdiRelacionados>
 <cfdi:Emisor Rfc="ÑA&amp;010101AB1" Nombre="&quot;Ñ&quot; &lt;x&gt;" RegimenFiscal="601" FacAtrAdquirente="1"/>
 <cfdi:Receptor Rfc="XEXX010101000" Nombre="N\u00a0\u00a0B" DomicilioFiscalReceptor="06000" ResidenciaFiscal="USA"
  NumRegIdTrib="12" RegimenFiscalReceptor="616" UsoCFDI="S01"/>
 <cfdi:Conceptos><cfdi:Concepto ClaveProdServ="1" NoIdentificacion="n" Cantidad="1" ClaveUnidad="H87" Unidad="u"
  Descripcion="d" ValorUnitario="1" Importe="1" Descuento="0" ObjetoImp="02">
  <cfdi:Impuestos><cfdi:Traslados><cfdi:Traslado Base="1" Impuesto="002" TipoFactor="Exento"/></cfdi:Traslados>
  <cfdi:Retenciones><cfdi:Retencion Base="1" Impuesto="001" TipoFactor="Tasa" TasaOCuota="0.1" Importe="0.1"/>
  </cfdi:Retenciones></cfdi:Impuestos>
  <cfdi:ACuentaTerceros RfcACuentaTerceros="T" NombreACuentaTerceros="TT" RegimenFiscalACuentaTerceros="601"
   DomicilioFiscalACuentaTerceros="06000"/>
  <cfdi:InformacionAduanera NumeroPedimento="15  48  3009  0001234"/><cfdi:CuentaPredial Numero="9"/>
  <cfdi:Parte ClaveProdServ="1" Cantidad="2" Descripcion="p"><cfdi:InformacionAduanera NumeroPedimento="z"/>
  </cfdi:Parte></cfdi:Concepto></cfdi:Conceptos>
 <cfdi:Impuestos TotalImpuestosRetenidos="0.1" TotalImpuestosTrasladados="0"><cfdi:Retenciones>
  <cfdi:Retencion Impuesto="001" Importe="0.1"/></cfdi:Retenciones><cfdi:Traslados>
  <cfdi:Traslado Base="1" Impuesto="002" TipoFactor="Exento"/></cfdi:Traslados></cfdi:Impuestos>
 <cfdi:Addenda><x>nothing of this counts</x></cfdi:Addenda>
</cfdi:Comprobante>"""


class TestCadenaOriginal:
    def test_equals_the_official_style_sheet_on_every_generated_document(self) -> None:
        for _, xml in some_xml():
            root = parse_xml(xml)
            assert cadena_original(root) == str(chain_of_document()(root))

    def test_equals_it_on_a_document_with_every_node_we_know(self) -> None:
        root = etree.fromstring(EVERYTHING)
        chain = cadena_original(root)
        assert chain == str(chain_of_document()(root))
        assert "|dos espacios y salto|" in chain
        assert "N\u00a0\u00a0B" in chain

    @given(st.text(alphabet=st.sampled_from(" \t\n\r\u00a0\u2003a|Ñ&<'\""), max_size=30))
    def test_spaces_collapse_as_in_the_style_sheet(self, text: str) -> None:
        root = etree.fromstring(EVERYTHING)
        root.set("CondicionesDePago", text)
        assert cadena_original(root) == str(chain_of_document()(root))

    def test_an_unknown_complement_is_refused_not_left_out(self) -> None:
        root = copy.deepcopy(parse_xml(some_xml()[0][1]))
        complemento = root.find(clark(CFD4, "Complemento"))
        assert complemento is not None
        etree.SubElement(complemento, "{urn:x}Nuevo")
        with pytest.raises(ComplementNotSealed):
            cadena_original(root)

    def test_another_document_is_refused(self) -> None:
        with pytest.raises(NotACfdi):
            cadena_original(etree.fromstring("<Comprobante/>"))


def test_the_stamp_has_its_own_chain() -> None:
    for _, xml in some_xml()[:20]:
        timbre = next(parse_xml(xml).iter(clark(TFD, "TimbreFiscalDigital")))
        alone = etree.fromstring(etree.tostring(timbre))
        assert cadena_timbre(timbre) == str(chain_of_stamp()(alone))
