"""What can go wrong with imports.

NotFound
└── ImportNotFound
InvalidInput
├── ImportPathMissing
└── ImportNotAZip
Conflict
└── ImportEnded
"""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound


class ImportNotFound(NotFound):
    """No such import, or another's."""

    code = "IMPORT_NOT_FOUND"
    message = "No hay una importación tuya con ese identificador."


class ImportPathMissing(InvalidInput):
    """The path named on the command line is neither a folder nor a file that can be read."""

    code = "IMPORT_PATH_MISSING"
    message = "No se pudo leer {path}. Indica una carpeta, un ZIP, un XML o un TXT de metadatos que exista."


class ImportNotAZip(InvalidInput):
    """What was uploaded is empty or does not begin as a ZIP."""

    code = "IMPORT_NOT_A_ZIP"
    message = "El archivo que enviaste no es un ZIP. Comprime tus XML o paquetes en un ZIP sin contraseña."


class ImportEnded(Conflict):
    """It ended and is not taken up again."""

    code = "IMPORT_ENDED"
    message = "Esta importación ya terminó. Sube el ZIP otra vez si hace falta: lo ya conocido no se repite."
