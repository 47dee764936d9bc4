"""The catalogue: certificates in, found, looked at."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from acuse.accounts.rights import Identity
from acuse.ar.certificates import DeviceBundle, read_bundle
from acuse.ar.controladores import ControladorId, search_key
from acuse.ar.crs.errors import CertificadoNotFound, CertificateKnown, NothingToUpload
from acuse.ar.crs.model import Certificado
from acuse.ar.crs.service.unpacking import Piece, unpack
from acuse.ar.crs.store import catalogue
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError, Conflict, InvalidInput
from acuse.kernel.files import Files
from acuse.pki.certificate import Certificate

OTHER_KEY = "La llave no es la del certificado anterior de este equipo: al renovar, ARCA certifica la misma."
_LIST_MAX = 200


@dataclass(frozen=True)
class Received:
    """What became of one file of an upload: a certificate with warnings, or a refusal."""

    file_name: str
    certificate_id: UUID | None
    controlador_id: str | None
    warnings: Sequence[str] = ()
    fault: AppError | None = None


@dataclass(frozen=True)
class Checked:
    """A file that may stand in the catalogue, as it will be delivered."""

    bundle: DeviceBundle
    content: bytes = field(repr=False)
    digest: str

    @property
    def reference(self) -> str:
        """Answer where it lies in the storage: by its content."""
        return f"crs/certificados/{self.bundle.controlador}/{self.digest}.pem"


class CatalogueService:
    """The certificates resellers may download. Files lie in the storage, content-addressed."""

    def __init__(
        self,
        *,
        database: Database,
        files: Files,
        audit: Audit,
        clock: Clock,
        roots: Sequence[Certificate],
        firmware_root: bytes | None = None,
    ) -> None:
        self._database = database
        self._files = files
        self._audit = audit
        self._clock = clock
        self._roots = roots
        self._firmware_root = firmware_root

    async def receive(self, actor: Actor, sent: Sequence[Piece]) -> list[Received]:
        """Take files and ZIPs of them; each file is taken or refused on its own.

        Raises NothingToUpload, ArchiveUnreadable.
        """
        pieces = [piece for one in sent for piece in await asyncio.to_thread(unpack, one)]
        if not pieces:
            raise NothingToUpload
        return [await self._receive(actor, piece) for piece in pieces]

    async def _receive(self, actor: Actor, piece: Piece) -> Received:
        try:
            added, warnings = await self.add(actor, piece.content, file_name=piece.name)
        except (InvalidInput, Conflict) as fault:
            return Received(piece.name, None, None, fault=fault)
        return Received(piece.name, added.id, added.controlador_id, warnings)

    async def add(
        self,
        actor: Actor,
        data: bytes,
        *,
        nombre: str = "",
        file_name: str = "",
        expected: ControladorId | None = None,
    ) -> tuple[Certificado, Sequence[str]]:
        """Check one file and put it into the catalogue; answer it with warnings. Audited as UPLOAD_CERTIFICATE.

        Raises the DeviceCertificateRefused errors, CertificateKnown.
        """
        now = self._clock.now()
        checked = await self.check(data, at=now, expected=expected, file_name=file_name)
        await self.keep(checked)
        async with self._database.transaction() as tx:
            return await self.write(tx, checked, actor=actor, nombre=nombre, certificate_id=uuid4(), created_at=now)

    async def check(
        self, data: bytes, *, at: datetime | None, expected: ControladorId | None = None, file_name: str = ""
    ) -> Checked:
        """Check one file, without keeping anything; without `at` one that has ended will do.

        Raises the DeviceCertificateRefused errors.
        """
        bundle = await asyncio.to_thread(
            read_bundle, data, at=at, expected=expected, file_name=file_name, roots=self._roots
        )
        content = bundle.content
        if bundle.firmware_root is None and self._firmware_root is not None:
            content = self._firmware_root + content
        return Checked(bundle, content, hashlib.sha256(content).hexdigest())

    async def keep(self, checked: Checked) -> None:
        """Put the file into the storage, where it waits for its row; the same file again changes nothing."""
        await self._files.put(checked.reference, checked.content)

    async def write(
        self,
        tx: Transaction,
        checked: Checked,
        *,
        actor: Actor | None,
        nombre: str,
        certificate_id: UUID,
        created_at: datetime,
    ) -> tuple[Certificado, Sequence[str]]:
        """Put a checked file into the catalogue in the caller's transaction; answer it with warnings.

        Without a name it bears that of the device's earlier certificate.
        Audited as UPLOAD_CERTIFICATE; without an actor it is not, for a look that is undone. Raises CertificateKnown.
        """
        bundle, warnings = checked.bundle, list(checked.bundle.warnings)
        await catalogue.add_controlador(tx, bundle.controlador, created_at)
        key, known_as = await catalogue.earlier(tx, str(bundle.controlador)) or (bundle.public_key_sha256, "")
        if key != bundle.public_key_sha256:
            warnings.append(OTHER_KEY)
        name = " ".join(nombre.split()) or known_as or f"Certificado {bundle.controlador}"
        values = _values(bundle, name, created_at) | {
            "id_certificado": certificate_id,
            "archivo_referencia": checked.reference,
            "size_bytes": len(checked.content),
            "checksum": f"sha256:{checked.digest}",
            "metadata": {"avisos": warnings},
        }
        if not await catalogue.add(tx, **values):
            raise CertificateKnown(controlador=str(bundle.controlador))
        found = await catalogue.get(tx, certificate_id, None)
        assert found is not None
        if actor is None:
            return found, warnings
        await self._audit.record(
            tx,
            AuditAction.UPLOAD_CERTIFICATE,
            actor=actor,
            target_type="certificados",
            target_id=str(certificate_id),
            after={
                "controlador_id": found.controlador_id,
                "serie": found.serial,
                "vence": found.not_after,
                "checksum": found.checksum,
            },
        )
        return found, warnings

    async def newest(self, tx: Transaction, controlador: ControladorId) -> Certificado | None:
        """Answer the newest certificate of a device."""
        found = await catalogue.search(tx, None, controlador=str(controlador), words="", key="", limit=1)
        return found[0] if found else None

    async def available(
        self,
        caller: Identity,
        *,
        controlador: str | None = None,
        search: str = "",
        limit: int = _LIST_MAX,
        page: int = 1,
    ) -> Sequence[Certificado]:
        """Answer the certificates in force that are the newest of their device; an id may be typed in any form."""
        async with self._database.transaction() as tx:
            return await catalogue.search(
                tx,
                caller.user_id,
                controlador=None if not controlador else str(ControladorId.parse(controlador)),
                words=fold(search),
                key=search_key(search),
                limit=limit,
                offset=(page - 1) * limit,
                current_at=self._clock.now(),
            )

    async def everything(self, *, search: str = "", limit: int = 50) -> Sequence[Certificado]:
        """Answer all certificates, ended and replaced ones too."""
        async with self._database.transaction() as tx:
            return await catalogue.search(
                tx,
                None,
                controlador=None,
                words=fold(search),
                key=search_key(search),
                limit=limit,
            )

    async def preview(self, caller: Identity, certificate_id: UUID) -> Certificado:
        """Answer one certificate, without its content. Raises CertificadoNotFound."""
        async with self._database.transaction() as tx:
            found = await catalogue.get(tx, certificate_id, caller.user_id)
        if found is None:
            raise CertificadoNotFound
        return found

    async def count(self) -> int:
        """Answer how many certificates there are."""
        async with self._database.transaction() as tx:
            return await catalogue.count(tx)


def fold(text: str) -> str:
    """Answer the text as names are searched: upper case, without accents, single spaces."""
    plain = unicodedata.normalize("NFD", text.upper()).replace("N\u0303", "Ñ")
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def _values(bundle: DeviceBundle, name: str, now: datetime) -> dict[str, object]:
    certificate = bundle.certificate
    return {
        "nombre": name,
        "controlador_id": str(bundle.controlador),
        "file_name": bundle.file_name,
        "search_key": fold(name),
        "serial": f"{certificate.serial_number:X}",
        "issuer": certificate.issuer.rfc4514,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "fingerprint": certificate.sha256,
        "public_key_sha256": bundle.public_key_sha256,
        "key_bits": bundle.key_bits,
        "created_at": now,
        "updated_at": now,
    }
