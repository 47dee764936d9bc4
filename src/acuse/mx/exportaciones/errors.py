"""What can go wrong with exports.

NotFound
└── ExportNotFound
InvalidInput
├── ExportEmpty
├── ExportOfOne
└── ExportFileNotWritten
Conflict
├── ExportNotReady
└── ExportEnded
"""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound


class ExportNotFound(NotFound):
    """No such export, another's, or one whose time is over."""

    code = "EXPORT_NOT_FOUND"
    message = "No hay una exportación tuya con ese identificador, o su plazo terminó y se borró. Pídela de nuevo."


class ExportEmpty(InvalidInput):
    """The filter finds nothing to hand out."""

    code = "EXPORT_EMPTY"
    message = "Ningún CFDI cumple esos filtros: no hay nada que exportar. Amplía las fechas o quita filtros."


class ExportOfOne(InvalidInput):
    """A complete export is of one taxpayer."""

    code = "EXPORT_OF_ONE_TAXPAYER"
    message = "La exportación completa es de un solo contribuyente y sin filtros. Indica su RFC."


class ExportNotReady(Conflict):
    """Its file was asked for before it was made."""

    code = "EXPORT_NOT_READY"
    message = "La exportación todavía no está lista ({estado}). Espera a que termine y descárgala."


class ExportEnded(Conflict):
    """It is no longer being made, so that it cannot be cancelled or taken up again."""

    code = "EXPORT_ENDED"
    message = "Esta exportación ya terminó ({estado}) y no se puede cancelar ni reanudar. Pide otra."


class ExportFileNotWritten(InvalidInput):
    """The file asked for on the command line cannot be made; the export itself is kept."""

    code = "EXPORT_FILE_NOT_WRITTEN"
    message = "No se pudo crear {path}: ya existe, o falta la carpeta, el permiso o el espacio. Elige otro nombre."
