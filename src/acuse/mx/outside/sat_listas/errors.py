"""What can go wrong with the list.

Unavailable
└── ListaTrouble
InvalidInput
└── ListaUnreadable
"""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput, Unavailable


class ListaTrouble(Unavailable):
    """The address did not give the list."""

    code = "SAT_LISTA_TROUBLE"
    message = "La lista del artículo 69-B no se pudo descargar (HTTP {http_status}). Revisa SAT_LISTA_69B_URL."


class ListaUnreadable(InvalidInput):
    """The file is not the list of article 69-B as the SAT publishes it, whoever hands it in."""

    code = "SAT_LISTA_UNREADABLE"
    message = "El archivo no es el listado completo del artículo 69-B: {problem}. Descárgalo de nuevo del SAT."
