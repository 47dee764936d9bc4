"""Many e.firmas at once: tried first, then loaded; each line told by itself, the good ones kept.

Nothing of a batch is stored but the e.firmas that pass: files and passwords live in memory while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acuse.kernel.errors import AppError
from acuse.mx.certificates import CertificateKind, CertificateWithoutRfc, SatCertificate
from acuse.mx.contribuyentes.errors import (
    BatchLineRepeated,
    BatchWithoutCertificate,
    BatchWithoutKey,
    BatchWithoutPassword,
)
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.contribuyentes.service.batch_files import Batch, BatchFile, Line
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService
from acuse.mx.rfc import InvalidRfc, Rfc
from acuse.pki.errors import KeyDoesNotMatch, NotACertificate, WrongKeyPassword

_NEAREST = 8


class BatchResult(StrEnum):
    """What became of a line, or would become of it."""

    NEW = "nueva"
    REPLACES = "reemplaza"
    SAME = "igual"
    REFUSED = "rechazada"


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """One line told. `line` is its row in the list; none for a certificate the list does not name."""

    line: int | None
    who: str
    result: BatchResult
    rfc: str = ""
    name: str = ""
    cer: str = ""
    key: str = ""
    fault: AppError | None = None

    @property
    def is_good(self) -> bool:
        """Answer whether its e.firma was, or can be, put into use."""
        return self.result is not BatchResult.REFUSED


@dataclass(frozen=True)
class BatchReport:
    """All lines of a batch, in the list's order. With `tried` nothing was loaded."""

    lines: Sequence[BatchLine]
    tried: bool

    @property
    def good(self) -> int:
        """Answer how many e.firmas were, or can be, put into use."""
        return sum(line.is_good for line in self.lines)

    @property
    def bad(self) -> int:
        """Answer how many were refused."""
        return len(self.lines) - self.good


@dataclass(frozen=True)
class _Read:
    file: BatchFile
    certificate: SatCertificate
    rfc: Rfc


class BatchLoads:
    """Loads batches through the same door as single e.firmas: the same checks, the same audit."""

    def __init__(self, contribuyentes: ContribuyentesService) -> None:
        self._contribuyentes = contribuyentes

    async def run(self, caller: Caller, batch: Batch, *, trial: bool, owner_id: int | None = None) -> BatchReport:
        """Try or load every line. A line that fails stops no other."""
        known = list(_readable(batch.certificates))
        used: set[BatchFile] = set()
        told = []
        for line in batch.lines:
            found = _certificate_for(line, known)
            if found is not None and found.file in used:
                told.append(_refused(line, BatchLineRepeated(rfc=str(found.rfc)), found))
                continue
            if found is None:
                told.append(_refused(line, BatchWithoutCertificate(who=line.who[:60])))
                continue
            used.add(found.file)
            told.append(await self._line(caller, line, found, batch, trial=trial, owner_id=owner_id))
        told += [_unnamed(item) for item in known if item.rfc not in {read.rfc for read in known if read.file in used}]
        return BatchReport(told, trial)

    async def _line(
        self, caller: Caller, line: Line, found: _Read, batch: Batch, *, trial: bool, owner_id: int | None
    ) -> BatchLine:
        keys = _keys_for(line, found.file, batch.keys)
        fault: AppError = BatchWithoutKey(cer=str(found.file.path))
        near = keys[0] if keys else None
        for key in keys:
            try:
                result, name = await self._take(caller, line, found, key, trial=trial, owner_id=owner_id)
            except (WrongKeyPassword, KeyDoesNotMatch) as error:
                if key is near:
                    fault = error
                continue
            except AppError as error:
                return _refused(line, error, found, key)
            return BatchLine(
                line=line.number,
                who=line.who,
                result=result,
                rfc=str(found.rfc),
                name=name,
                cer=str(found.file.path),
                key=str(key.path),
            )
        return _refused(line, fault, found, near)

    async def _take(
        self, caller: Caller, line: Line, found: _Read, key: BatchFile, *, trial: bool, owner_id: int | None
    ) -> tuple[BatchResult, str]:
        files = found.file.content, key.content, line.password
        before = await self._contribuyentes.try_efirma(caller, *files, rfc=found.rfc)
        same, replaces = before == found.certificate.number, before is not None
        result = BatchResult.SAME if same else BatchResult.REPLACES if replaces else BatchResult.NEW
        if not trial and result is not BatchResult.SAME:
            await self._contribuyentes.upload_efirma(caller, *files, rfc=found.rfc, owner_id=owner_id)
        return result, found.certificate.holder_name


def _readable(files: Sequence[BatchFile]) -> Iterator[_Read]:
    """Answer the certificates that can be read, e.firmas before CSDs, the newest first."""
    read = []
    for file in files:
        try:
            certificate = SatCertificate.load(file.content)
            read.append(_Read(file, certificate, certificate.rfc))
        except (NotACertificate, CertificateWithoutRfc):
            continue
    read.sort(key=lambda item: item.certificate.not_before, reverse=True)
    read.sort(key=lambda item: item.certificate.kind is not CertificateKind.EFIRMA)
    yield from read


def _certificate_for(line: Line, known: Sequence[_Read]) -> _Read | None:
    """Find the certificate a line speaks of: by the taxpayer's RFC, else by the file's name with or without folder."""
    try:
        rfc = Rfc.parse(line.who)
    except InvalidRfc:
        named = [item for item in known if line.who in {str(item.file.path), item.file.path.name, item.file.path.stem}]
        return named[0] if named else None
    return next((item for item in known if item.rfc == rfc), None)


def _keys_for(line: Line, cer: BatchFile, keys: Sequence[BatchFile]) -> Sequence[BatchFile]:
    """Answer the keys that may belong to a certificate, the likeliest first."""
    if line.key:
        return [key for key in keys if line.key in {str(key.path), key.path.name}]

    def distance(key: BatchFile) -> tuple[bool, bool, str]:
        return key.path.parent != cer.path.parent, key.path.stem != cer.path.stem, str(key.path)

    nearest = sorted(keys, key=distance)
    twins = [key for key in nearest if key.path.with_suffix("") == cer.path.with_suffix("")]
    return twins[:1] or nearest[:_NEAREST]


def _refused(line: Line, fault: AppError, found: _Read | None = None, key: BatchFile | None = None) -> BatchLine:
    return BatchLine(
        line=line.number,
        who=line.who,
        result=BatchResult.REFUSED,
        rfc=str(found.rfc) if found else "",
        name=found.certificate.holder_name if found else "",
        cer=str(found.file.path) if found else "",
        key=str(key.path) if key else "",
        fault=fault,
    )


def _unnamed(found: _Read) -> BatchLine:
    return BatchLine(
        line=None,
        who=str(found.rfc),
        result=BatchResult.REFUSED,
        rfc=str(found.rfc),
        name=found.certificate.holder_name,
        cer=str(found.file.path),
        fault=BatchWithoutPassword(rfc=str(found.rfc)),
    )
