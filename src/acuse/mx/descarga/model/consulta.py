"""What a solicitud asks, complete and checked: two with every value equal are the same solicitud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse.mx.archivo import MonthHeld, Place
from acuse.mx.descarga.errors import (
    ComplementoUnreadable,
    FilterNotOfFamily,
    FolioUnreadable,
    ReceivedOnlyVigente,
    TooManyCounterparts,
)
from acuse.mx.descarga.model.periodo import Periodo
from acuse.mx.outside.sat_descarga.codes import (
    COMPLEMENTOS,
    MAX_RFC_RECEPTORES,
    Efecto,
    EstadoComprobante,
    Familia,
    Sentido,
    TipoSolicitud,
)
from acuse.mx.rfc import Rfc

_KEY = re.compile("[a-z][a-z0-9]{2,59}")


@dataclass(frozen=True, kw_only=True)
class Parametros:
    """The parameters of one solicitud. Made by `ask`, which fills in and checks."""

    familia: Familia
    tipo: TipoSolicitud
    sentido: Sentido
    periodo: Periodo
    estado_comprobante: EstadoComprobante
    efecto: Efecto | None = None
    complemento: str | None = None
    counterparts: tuple[str, ...] = ()
    rfc_a_cuenta_terceros: str | None = None
    folio: str | None = None

    @classmethod
    def ask(
        cls,
        *,
        tipo: TipoSolicitud,
        sentido: Sentido,
        periodo: Periodo,
        familia: Familia = Familia.CFDI,
        estado_comprobante: EstadoComprobante | None = None,
        efecto: Efecto | None = None,
        complemento: str | None = None,
        counterparts: Sequence[str] = (),
        rfc_a_cuenta_terceros: str | None = None,
    ) -> Parametros:
        """Fill in what was left open and refuse what the SAT would.

        Without a status all are asked for, but for the XML of received CFDIs, which the SAT hands out
        only while they are vigentes. Raises ReceivedOnlyVigente, TooManyCounterparts, FilterNotOfFamily,
        ComplementoUnreadable and InvalidRfc.
        """
        if efecto is not None and familia is Familia.RETENCIONES:
            raise FilterNotOfFamily(fields={"efecto": "Las retenciones no tienen tipo de comprobante."})
        xml_received = sentido is Sentido.RECIBIDOS and tipo is TipoSolicitud.CFDI
        if xml_received and estado_comprobante not in {None, EstadoComprobante.VIGENTE}:
            raise ReceivedOnlyVigente(fields={"estado_comprobante": "Sólo Vigente."})
        return cls(
            familia=familia,
            tipo=tipo,
            sentido=sentido,
            periodo=periodo,
            estado_comprobante=estado_comprobante
            or (EstadoComprobante.VIGENTE if xml_received else EstadoComprobante.TODOS),
            efecto=efecto,
            complemento=_complemento(complemento or "", familia),
            counterparts=_counterparts(counterparts, sentido),
            rfc_a_cuenta_terceros=str(Rfc.parse(rfc_a_cuenta_terceros)) if rfc_a_cuenta_terceros else None,
        )

    @classmethod
    def one(cls, text: str, *, sentido: Sentido, fecha: datetime, familia: Familia = Familia.CFDI) -> Parametros:
        """Ask for the one CFDI of this folio fiscal, issued at `fecha` as far as is known. Raises FolioUnreadable."""
        try:
            folio = str(UUID(text.strip())).upper()
        except ValueError as error:
            raise FolioUnreadable(fields={"uuid": "Son 32 dígitos hexadecimales."}) from error
        return cls(
            familia=familia,
            tipo=TipoSolicitud.CFDI,
            sentido=sentido,
            periodo=Periodo(fecha, fecha),
            estado_comprobante=EstadoComprobante.VIGENTE,
            folio=folio,
        )

    def check(self, now: datetime) -> None:
        """Raise what the SAT would refuse of its dates at this wall clock of Mexico City."""
        self.periodo.check(now)

    def over(self, periodo: Periodo) -> Parametros:
        """Answer the same question over another period: the door for splitting and for asking again."""
        return replace(self, periodo=periodo)

    def of(self, *, efecto: Efecto | None = None, counterparts: Sequence[str] | None = None) -> Parametros:
        """Answer the same question about one kind of comprobante, or about these counterparts alone."""
        chosen = self.counterparts if counterparts is None else tuple(sorted(counterparts))
        return replace(self, efecto=efecto or self.efecto, counterparts=chosen)

    @property
    def max_counterparts(self) -> int:
        """Answer how many counterparts one solicitud takes."""
        return max_counterparts(self.sentido)

    def sat_key(self, rfc: str) -> str | None:
        """Answer what the SAT compares when it counts equal solicitudes of this RFC; None for what it does not count.

        Source: SAT, "WS Solicitud", code 5002: FechaInicial, FechaFinal, RfcEmisor, RfcReceptor, of type CFDI only.
        """
        if self.tipo is not TipoSolicitud.CFDI or self.folio:
            return None
        others = ",".join(self.counterparts)
        parties = (rfc, others) if self.sentido is Sentido.EMITIDOS else (others, rfc)
        return "|".join((self.periodo.inicio.isoformat(), self.periodo.fin.isoformat(), *parties))


def familia_of(held: MonthHeld | Place) -> Familia:
    """Answer of which of the SAT's families are what the archive holds."""
    return Familia.RETENCIONES if held.retenciones else Familia.CFDI


def _complemento(text: str, familia: Familia) -> str | None:
    """Answer the key; one nobody has listed passes, one that is only the other family's does not."""
    key = text.strip().lower()
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise ComplementoUnreadable(fields={"complemento": "Una clave como pagos20."})
    others = {one for other, keys in COMPLEMENTOS.items() if other is not familia for one in keys}
    if key in others - COMPLEMENTOS[familia]:
        raise FilterNotOfFamily(fields={"complemento": f"No es un complemento de {familia.value}."})
    return key


def max_counterparts(sentido: Sentido) -> int:
    """Answer how many counterparts one solicitud takes: five receivers, or one issuer."""
    return MAX_RFC_RECEPTORES if sentido is Sentido.EMITIDOS else 1


def _counterparts(given: Sequence[str], sentido: Sentido) -> tuple[str, ...]:
    rfcs = sorted({str(Rfc.parse(rfc)) for rfc in given if rfc.strip()})
    limit = max_counterparts(sentido)
    if len(rfcs) > limit:
        raise TooManyCounterparts(limit=limit, fields={"rfc_contraparte": f"A lo más {limit}."})
    return tuple(rfcs)
