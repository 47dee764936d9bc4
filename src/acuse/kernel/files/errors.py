"""What can go wrong with stored files. The address of the store never stands in an error."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, Misconfigured, NotFound, Unavailable


class FileMissing(NotFound):
    """There is no file under this key."""

    code = "FILE_NOT_FOUND"
    message = "El archivo no está en el almacenamiento."


class FileExists(Conflict):
    """There is a file under this key already."""

    code = "FILE_EXISTS"
    message = "Ya hay un archivo guardado con ese nombre."


class BadFileKey(InvalidInput):
    """A key that could leave its folder, or that not every store can hold."""

    code = "FILE_KEY_INVALID"
    message = "El nombre del archivo no es válido."


class StorageUnavailable(Unavailable):
    """The store does not answer, refuses us, or is full."""

    code = "STORAGE_UNAVAILABLE"
    message = "El almacenamiento de archivos no está disponible. Se volverá a intentar; si sigue, revisa STORAGE_URL."


class StorageUnsuitable(Misconfigured):
    """STORAGE_URL does not name a store."""

    code = "STORAGE_UNSUITABLE"
    message = "STORAGE_URL no sirve: debe ser file:///ruta o s3://cubeta/prefijo."
