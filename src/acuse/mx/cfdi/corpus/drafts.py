"""Makes up the content of single documents: lines, taxes, currency, terms. Pure; all chance is injected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from acuse.mx.cfdi.amounts import totals_of
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, PUBLIC_BUYER, Taxpayer, happens
from acuse.mx.cfdi.draft import (
    Comprobante,
    Concepto,
    DocumentoPagado,
    Emisor,
    Impuesto,
    InformacionGlobal,
    Pago,
    Receptor,
    Relacion,
    Tercero,
)

_IVA16: Final = Impuesto("002", Decimal("0.16"))
_IVA0: Final = Impuesto("002", Decimal(0))
_FREIGHT_WITHHELD: Final = Impuesto("002", Decimal("0.04"), retenido=True)
_FEES_WITHHELD: Final = (
    Impuesto("002", Decimal("0.106667"), retenido=True),
    Impuesto("001", Decimal("0.10"), retenido=True),
)
_RESICO_WITHHELD: Final = Impuesto("001", Decimal("0.0125"), retenido=True)


class _Product(NamedTuple):
    clave: str
    unidad: str
    nombre_unidad: str
    descripcion: str
    least_cents: int
    most_cents: int
    tax: Impuesto = _IVA16


_FREIGHT: Final = _Product("78101802", "E48", "Servicio", "Flete nacional por carretera", 180_000, 2_400_000)
_FEES: Final = _Product("84111500", "E48", "Servicio", "Honorarios por servicios contables", 250_000, 1_800_000)
_GOODS: Final = (
    _Product("43211503", "H87", "Pieza", 'Computadora portátil de 14"', 899_900, 2_899_900),
    _Product("44121701", "H87", "Pieza", "Bolígrafo de tinta azul <punto fino>", 650, 2_150),
    _Product("14111507", "XPK", "Paquete", "Papel bond tamaño carta, 500 hojas", 8_900, 14_900),
    _Product("30102200", "KGM", "Kilogramo", "Placa de acero al carbón A-36", 1_890, 4_250),
    _Product("15101514", "LTR", "Litro", "Gasolina menor a 91 octanos", 2_210, 2_450),
    _Product("50201706", "KGM", "Kilogramo", "Café tostado en grano", 15_500, 38_000, _IVA0),
    _Product("72101507", "E48", "Servicio", "Mantenimiento de edificios & áreas comunes", 95_000, 720_000),
    _Product("25172504", "H87", "Pieza", "Llanta para camión 295/80 R22.5", 420_000, 890_000),
    _Product("82121503", "MIL", "Millar", "Impresión digital de volantes", 48_000, 190_000),
    _Product("81112501", "E48", "Servicio", "Licencia mensual de programa de cómputo", 29_900, 499_900),
)
_LINES: Final = (1, 2, 3, 5, 8, 12), (24, 21, 20, 18, 11, 6)
"""How many lines an invoice for goods has, and how many in a hundred have so many."""
_CREDIT: Final = _Product("84111506", "ACT", "Actividad", "Nota de crédito", 1, 1)


class Terms(NamedTuple):
    """How a document is charged."""

    moneda: str
    tipo_cambio: Decimal | None
    metodo_pago: str
    forma_pago: str


def draft_invoice(random: Random, emisor: Taxpayer, receptor: Taxpayer, fecha: datetime, folio: str) -> Comprobante:
    """Make up an Ingreso with one to twelve lines."""
    public = receptor is PUBLIC_BUYER
    foreign = receptor is FOREIGN_BUYER
    terms = _terms(random, public=public, foreign=foreign)
    conceptos = _lines(random, emisor, receptor)
    return Comprobante(
        efecto="I",
        fecha=fecha,
        emisor=_emisor(emisor),
        receptor=_receptor(receptor, emisor, "S01" if public or foreign else random.choice(("G01", "G03"))),
        conceptos=conceptos,
        lugar_expedicion=emisor.domicilio,
        serie="A" if terms.moneda == "MXN" else "US",
        folio=folio,
        moneda=terms.moneda,
        tipo_cambio=terms.tipo_cambio,
        forma_pago=terms.forma_pago,
        metodo_pago=terms.metodo_pago,
        informacion_global=InformacionGlobal(periodicidad="01", meses=f"{fecha.month:02d}", year=fecha.year)
        if public
        else None,
    )


def draft_traslado(random: Random, emisor: Taxpayer, receptor: Taxpayer, fecha: datetime, folio: str) -> Comprobante:
    """Make up a Traslado: goods on the move, no money."""
    product = random.choice(_GOODS[:5])
    concepto = Concepto(
        clave_prod_serv=product.clave,
        cantidad=Decimal(random.randint(1, 40)),
        clave_unidad=product.unidad,
        unidad=product.nombre_unidad,
        descripcion=product.descripcion,
        valor_unitario=Decimal(0),
    )
    return Comprobante(
        efecto="T",
        fecha=fecha,
        emisor=_emisor(emisor),
        receptor=_receptor(receptor, emisor, "S01"),
        conceptos=(concepto,),
        lugar_expedicion=emisor.domicilio,
        serie="T",
        folio=folio,
        moneda="XXX",
    )


def draft_credit(random: Random, invoice: Comprobante, invoice_uuid: str, fecha: datetime, folio: str) -> Comprobante:
    """Make up an Egreso that gives back part of an invoice."""
    first = invoice.conceptos[0]
    price = (first.valor_unitario * first.cantidad * Decimal(random.randint(5, 60)) / 100).quantize(Decimal("0.01"))
    concepto = Concepto(
        clave_prod_serv=_CREDIT.clave,
        cantidad=Decimal(1),
        clave_unidad=_CREDIT.unidad,
        descripcion=_CREDIT.descripcion,
        valor_unitario=max(price, Decimal("0.05")),
        impuestos=tuple(tax for tax in first.impuestos if not tax.retenido),
    )
    return replace(
        invoice,
        efecto="E",
        fecha=fecha,
        serie="NC",
        folio=folio,
        receptor=replace(invoice.receptor, uso="S01" if invoice.receptor.regimen == "616" else "G02"),
        conceptos=(concepto,),
        relacion=Relacion(tipo="01", uuids=(invoice_uuid,)),
        informacion_global=None,
        forma_pago=random.choice(("03", "17")),
        metodo_pago="PUE",
    )


def draft_payment(random: Random, invoice: Comprobante, invoice_uuid: str, fecha: datetime, folio: str) -> Pago:
    """Make up the payment of an invoice, whole or half."""
    totals = totals_of(invoice.conceptos, invoice.moneda)
    whole = happens(random, 0.75) or totals.total < 1
    paid = totals.total if whole else (totals.total / 2).quantize(Decimal("0.01"))
    document = DocumentoPagado(
        uuid=invoice_uuid,
        total=totals.total,
        saldo_anterior=totals.total,
        pagado=paid,
        impuestos=tuple((each.impuesto, each.base) for each in (*totals.retenciones, *totals.traslados)),
        serie=invoice.serie,
        folio=invoice.folio,
    )
    return Pago(
        fecha=fecha,
        emisor=invoice.emisor,
        receptor=replace(invoice.receptor, uso="CP01"),
        lugar_expedicion=invoice.lugar_expedicion,
        fecha_pago=(fecha - timedelta(days=random.randint(0, 3))).replace(hour=12, minute=0, second=0),
        forma_pago=random.choice(("03", "03", "03", "02")),
        documentos=(document,),
        serie="P",
        folio=folio,
        moneda=invoice.moneda,
        tipo_cambio=invoice.tipo_cambio or Decimal(1),
    )


def _terms(random: Random, *, public: bool, foreign: bool) -> Terms:
    dollars = foreign or (not public and happens(random, 0.06))
    moneda = "USD" if dollars else "MXN"
    tipo_cambio = Decimal(random.randint(168_000, 206_000)) / 10_000 if dollars else None
    if not public and happens(random, 0.4):
        return Terms(moneda, tipo_cambio, "PPD", "99")
    return Terms(moneda, tipo_cambio, "PUE", random.choice(("01", "03", "03", "04", "28")))


def _lines(random: Random, emisor: Taxpayer, receptor: Taxpayer) -> tuple[Concepto, ...]:
    if emisor.is_person and not receptor.is_person:
        return (_fees(random, emisor),)
    if emisor.nombre.startswith(("TRANSPORTES", "LOGÍSTICA")) and not receptor.is_person:
        return (_line(random, _FREIGHT, Decimal(1), (_IVA16, _FREIGHT_WITHHELD)),)
    lines = [
        _line(random, product, Decimal(random.randint(1, 24)), (product.tax,))
        for product in random.choices(_GOODS, k=random.choices(*_LINES)[0])
    ]
    if happens(random, 0.02):
        lines[0] = replace(lines[0], tercero=_TERCERO)
    return tuple(lines)


def _fees(random: Random, emisor: Taxpayer) -> Concepto:
    withheld = (_FEES_WITHHELD[0], _RESICO_WITHHELD) if emisor.regimen == "626" else _FEES_WITHHELD
    return _line(random, _FEES, Decimal(1), (_IVA16, *withheld))


def _line(random: Random, product: _Product, cantidad: Decimal, taxes: tuple[Impuesto, ...]) -> Concepto:
    price = Decimal(random.randint(product.least_cents, product.most_cents)) / 100
    if product.unidad in {"LTR", "KGM"}:
        cantidad = Decimal(random.randint(1_000, 90_000)) / 1_000
        price += Decimal(random.randint(0, 9_999)) / 1_000_000
    discount = (price * cantidad / 20).quantize(Decimal("0.01")) if happens(random, 0.08) else None
    return Concepto(
        clave_prod_serv=product.clave,
        no_identificacion=f"SKU-{product.clave[-4:]}" if happens(random, 0.5) else None,
        cantidad=cantidad,
        clave_unidad=product.unidad,
        unidad=product.nombre_unidad,
        descripcion=product.descripcion,
        valor_unitario=price,
        descuento=discount,
        impuestos=taxes,
    )


def _emisor(taxpayer: Taxpayer) -> Emisor:
    return Emisor(rfc=taxpayer.rfc, nombre=taxpayer.nombre, regimen=taxpayer.regimen)


def _receptor(taxpayer: Taxpayer, emisor: Taxpayer, uso: str) -> Receptor:
    """A generic receiver has the postcode of the place of issue."""
    generic = taxpayer.regimen == "616"
    foreign = taxpayer is FOREIGN_BUYER
    return Receptor(
        rfc=taxpayer.rfc,
        nombre=taxpayer.nombre,
        regimen=taxpayer.regimen,
        domicilio=emisor.domicilio if generic else taxpayer.domicilio,
        uso=uso,
        residencia="USA" if foreign else None,
        registro_extranjero="123456789" if foreign else None,
    )


_TERCERO: Final = Tercero(rfc="COÑ850101AB1", nombre="COMISIONISTAS ÑUU SAVI", regimen="601", domicilio="06000")
