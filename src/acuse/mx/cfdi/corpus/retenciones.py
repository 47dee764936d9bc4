"""A taxpayer's year of Retenciones: what was withheld of payments it made or got."""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.mx.cfdi.build_retenciones import build_retencion
from acuse.mx.cfdi.corpus.entry import CorpusEntry
from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, Taxpayer, happens
from acuse.mx.cfdi.corpus.series import Series, draw_stamp
from acuse.mx.cfdi.corpus.withholding import draft_withholding
from acuse.mx.cfdi.draft import Retencion
from acuse.mx.cfdi.seal import PAC_RFC

_ISSUED: Final = 0.6
_ABROAD: Final = 0.1


class RetencionesCorpus(Series):
    """About `size` documents of Retenciones 2.0 of one year, spread evenly over its months."""

    def __init__(
        self, *, taxpayer: Taxpayer, year: int, size: int, seed: int = 1, issuers: Issuers | None = None
    ) -> None:
        super().__init__(
            taxpayer=taxpayer, year=year, size=size, seed=f"{seed}:{taxpayer.rfc}:{year}:ret", issuers=issuers
        )

    def count(self, month: int) -> int:
        """Answer how many documents a month (1-12) has."""
        return self.size * month // 12 - self.size * (month - 1) // 12

    def entry(self, month: int, place: int) -> CorpusEntry:
        """Make the entry at this place of a month."""
        draft = self._draft(month, place)
        stamped, cancelled_at = draw_stamp(self._random(month, place, "entry"), draft.fecha)
        return CorpusEntry(
            uuid=self._identity.uuid(month, place),
            direction="E" if draft.emisor.rfc == self.taxpayer.rfc else "R",
            fecha=draft.fecha,
            fecha_timbrado=stamped,
            emisor_rfc=draft.emisor.rfc,
            emisor_nombre=draft.emisor.nombre,
            receptor_rfc=draft.receptor_rfc or FOREIGN_BUYER.rfc,
            receptor_nombre=draft.receptor_nombre,
            rfc_pac=PAC_RFC,
            total=draft.operacion,
            moneda="MXN",
            efecto="R",
            cancelado=cancelled_at is not None,
            fecha_cancelacion=cancelled_at,
            metodo_pago=None,
            complementos=(),
            tercero_rfc=None,
            tercero_nombre=None,
            position=(month, place),
        )

    def _tree(self, entry: CorpusEntry) -> etree._Element:
        return build_retencion(self._draft(*entry.position))

    def _draft(self, month: int, place: int) -> Retencion:
        random = self._random(month, place, "draft")
        other = random.choice(self.counterparts)
        emisor, receptor = (self.taxpayer, other) if happens(random, _ISSUED) else (other, self.taxpayer)
        if emisor is self.taxpayer and happens(random, _ABROAD):
            receptor = FOREIGN_BUYER
        return draft_withholding(
            random, emisor, receptor, self._moment(random, month), str(month * 100_000 + place + 1)
        )
