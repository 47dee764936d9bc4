"""A year of CFDIs of an invented taxpayer, made once per run, and packages as the SAT makes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache

from acuse.mx.cfdi.corpus import Corpus, CorpusEntry, Issuers, Taxpayer
from acuse.mx.cfdi.metadata import HEADER, TERCERO_HEADER
from tests.support.efirmas import lookalike_ca

TAXPAYER = Taxpayer(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE")
YEAR = 2025


@cache
def issuers() -> Issuers:
    """The CSDs of everybody in the corpus."""
    return Issuers(lookalike_ca(), not_before=datetime(2024, 6, 1, tzinfo=UTC))


@cache
def a_corpus(size: int = 240, seed: int = 7) -> Corpus:
    """A small year of the taxpayer."""
    return Corpus(taxpayer=TAXPAYER, year=YEAR, size=size, seed=seed, issuers=issuers())


@cache
def some_xml(size: int = 240) -> tuple[tuple[CorpusEntry, bytes], ...]:
    """Every document of the small year, with its XML."""
    return tuple(a_corpus(size).documents())


def entries_of(direction: str, size: int = 240) -> list[CorpusEntry]:
    """The documents of one direction."""
    return [entry for entry in a_corpus(size).entries() if entry.direction == direction]


def a_zip(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def an_xml_package(entries: Sequence[CorpusEntry], size: int = 240) -> bytes:
    """A package of the documents of these entries."""
    wanted = {entry.uuid for entry in entries}
    return a_zip((f"{entry.uuid}.xml", xml) for entry, xml in some_xml(size) if entry.uuid in wanted)


def a_metadata_package(entries: Sequence[CorpusEntry]) -> bytes:
    """A package of the metadata of these entries, with the second table when there is something in it."""
    lines = [HEADER, *(entry.metadata_line() for entry in entries)]
    members = [("0A1B_01.txt", ("\r\n".join(lines) + "\r\n").encode())]
    others = [f"{e.uuid.lower()}~{e.tercero_rfc}~{e.tercero_nombre}" for e in entries if e.tercero_rfc]
    if others:
        members.append(("0A1B_tercero.txt", ("\r\n".join([TERCERO_HEADER, *others]) + "\r\n").encode()))
    return a_zip(members)
