"""Statements looked at, handed out and verified."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.ar.resumenes import store
from acuse.ar.resumenes.errors import ResumenAltered, ResumenNotFound
from acuse.ar.resumenes.model import KIND, Authentic, Month, Resumen, Verdict
from acuse.kernel.audit.signing import Signer
from acuse.kernel.database import Database, Transaction
from acuse.kernel.files import Files
from acuse.kernel.zips import ZIP_FAULTS

Part = Literal["pdf", "csv", "firma"]
MOST_BYTES = 60_000_000
_MOST_PARTS = 10


class Post(Protocol):
    """Who sends the letter: the outbox, told where the house is put together."""

    async def __call__(self, tx: Transaction, *, key: str, to: str, context: Mapping[str, Any]) -> None:
        """Write one e-mail in the caller's transaction, once per key and recipient."""
        ...


class ResumenService:
    """A reseller sees their own statements, an administrator all."""

    def __init__(self, *, database: Database, files: Files, signer: Signer, post: Post, public_url: str) -> None:
        self._database = database
        self._files = files
        self._signer = signer
        self._post = post
        self._public_url = public_url.rstrip("/")

    async def page(
        self, caller: Identity, *, mes: str | None = None, page: int, limit: int
    ) -> tuple[Sequence[Resumen], int]:
        """Answer statements, newest month first, and how many there are. Raises MonthInvalid."""
        wanted = None if not mes else str(Month.parse(mes))
        async with self._database.transaction() as tx:
            total = await store.count(tx, owner=_owner(caller), mes=wanted)
            found = await store.page(tx, owner=_owner(caller), mes=wanted, offset=(page - 1) * limit, limit=limit)
        return found, total

    async def everyones(self, *, mes: str | None, limit: int) -> tuple[Sequence[Resumen], int]:
        """Answer all statements, for the owner of the machine. Raises MonthInvalid."""
        wanted = None if not mes else str(Month.parse(mes))
        async with self._database.transaction() as tx:
            total = await store.count(tx, owner=None, mes=wanted)
            return await store.page(tx, owner=None, mes=wanted, offset=0, limit=limit), total

    async def get(self, caller: Identity, resumen_id: UUID) -> Resumen:
        """Answer one statement. Raises ResumenNotFound."""
        async with self._database.transaction() as tx:
            found = await store.get(tx, resumen_id, owner=_owner(caller))
        if found is None:
            raise ResumenNotFound
        return found

    async def file(self, caller: Identity, resumen_id: UUID, part: Part) -> tuple[Resumen, bytes]:
        """Answer a file of a statement, exactly as it was signed. Raises ResumenNotFound, ResumenAltered."""
        found = await self.get(caller, resumen_id)
        if part == "firma":
            return found, found.document.encode() + b"\n"
        content = await self._files.get(f"{found.folder}.{part}")
        expected = found.pdf_sha256 if part == "pdf" else found.csv_sha256
        if hashlib.sha256(content).hexdigest() != expected:
            raise ResumenAltered
        return found, content

    async def package(self, caller: Identity, resumen_id: UUID) -> tuple[Resumen, bytes]:
        """Answer PDF, CSV and signature in one ZIP. Raises as `file`."""
        found, pdf = await self.file(caller, resumen_id, "pdf")
        _, csv = await self.file(caller, resumen_id, "csv")
        parts = {"pdf": pdf, "csv": csv, "firma.json": found.document.encode() + b"\n"}
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for ending, content in parts.items():
                archive.writestr(f"{found.name}.{ending}", content)
        return found, whole.getvalue()

    async def verify(self, content: bytes) -> Verdict:
        """Say whether a file is a statement of ours, unchanged: a PDF, a CSV, a signature or a ZIP of them."""
        if content[:4] == b"PK\x03\x04":
            return self._verify_package(content)
        if content.lstrip()[:1] == b"{":
            return self._verify_signature(content)
        async with self._database.transaction() as tx:
            found = await store.by_file(tx, hashlib.sha256(content).hexdigest())
        told = None if found is None else self._signed(found.document)
        if told is None:
            return Verdict(Authentic.UNKNOWN, "No es, byte por byte, ningún archivo de un resumen cerrado aquí.")
        return _genuine(told)

    async def write_letter(self, resumen_id: UUID) -> None:
        """Tell the reseller that a statement is ready; done again it tells nothing."""
        async with self._database.transaction() as tx:
            found = await store.get(tx, resumen_id)
            if found is None:
                return
            nombre, _, mail = await store.user(tx, found.id_usuario)
            context = {
                "name": nombre,
                "month": found.mes.caption,
                "downloads": found.descargas + found.tardias,
                "pending": found.pendientes,
                "corrections": found.correcciones,
                "id": str(found.id),
                "url": self._public_url,
            }
            if mail:
                await self._post(tx, key=f"crs:resumen:{found.id}", to=mail, context=context)

    def _verify_signature(self, content: bytes) -> Verdict:
        told = self._signed(content.decode("utf-8", "replace"))
        if told is None:
            return Verdict(Authentic.ALTERED, "La firma no es válida: el documento se cambió o no lo firmó Acuse.")
        return _genuine(told)

    def _verify_package(self, content: bytes) -> Verdict:
        parts = _unpacked(content)
        if parts is None:
            return Verdict(Authentic.UNKNOWN, "El ZIP no se puede leer.")
        signature = next((data for name, data in parts.items() if name.endswith(".json")), b"")
        told = self._signed(signature.decode("utf-8", "replace"))
        if told is None:
            return Verdict(Authentic.ALTERED, "El ZIP no trae una firma válida de Acuse.")
        for ending in ("pdf", "csv"):
            data = next((data for name, data in parts.items() if name.endswith(f".{ending}")), None)
            if data is not None and hashlib.sha256(data).hexdigest() != told[f"{ending}_sha256"]:
                return Verdict(Authentic.ALTERED, f"El {ending.upper()} del ZIP no es el que se firmó.", told)
        return _genuine(told)

    def _signed(self, line: str) -> dict[str, Any] | None:
        told = self._signer.read(line)
        return told if told is not None and told.get("kind") == KIND else None


def _unpacked(content: bytes) -> dict[str, bytes] | None:
    """Answer the files of a ZIP; None when it is broken, encrypted or swells past what a statement can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > 10 * MOST_BYTES:
                return None
            return {entry.filename: archive.read(entry) for entry in entries}
    except ZIP_FAULTS:
        return None


def _genuine(told: dict[str, Any]) -> Verdict:
    month = Month.parse(told["mes"])
    text = f"Es el resumen de {told['nombre']} de {month.caption}, tal como se cerró y se firmó."
    return Verdict(Authentic.GENUINE, text, told)


def _owner(caller: Identity) -> int | None:
    return None if caller.role is Role.ADMINISTRADOR else caller.user_id
