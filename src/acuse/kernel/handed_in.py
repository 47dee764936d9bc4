"""Tables people hand in to be imported: CSV or JSON read row by row, cells with their meaning, and what became of each.

CSV: UTF-8 with or without mark, comma or semicolon, a header row. JSON: one list of objects.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from acuse.kernel.errors import AppError, InvalidInput
from acuse.kernel.money import BadAmount, parse_amount

_YES, _NO = frozenset({"1", "true", "t", "si", "sí"}), frozenset({"0", "false", "f", "no"})


class TableUnreadable(InvalidInput):
    """A file to import cannot be read as a table, or has other columns than its kind of table."""

    code = "TABLE_UNREADABLE"
    message = "«{file}» no se puede importar: {problem} Corrige el archivo y repite."


class CellInvalid(InvalidInput):
    """A cell of a row to import does not hold what its column holds."""

    code = "CELL_INVALID"
    message = "La celda {column} no sirve: {problem}"


@dataclass(frozen=True)
class Cells:
    """One row: where it stands in its file, and its cells as texts without spaces around."""

    number: int
    values: Mapping[str, str]

    def text(self, column: str, default: str = "") -> str:
        """Answer a cell, or the default where it is empty."""
        return self.values.get(column) or default

    def needed(self, column: str) -> str:
        """Answer a cell that must not be empty."""
        found = self.values.get(column)
        if not found:
            self._refuse(column, "falta.")
        return found

    def integer(self, column: str, default: int) -> int:
        """Answer a whole number."""
        text = self.text(column)
        try:
            return int(text) if text else default
        except ValueError:
            self._refuse(column, f"«{text}» no es un número entero.")

    def flag(self, column: str, *, default: bool) -> bool:
        """Answer yes or no, however it is written."""
        text = self.text(column).lower()
        if text in _YES | _NO:
            return text in _YES
        if text:
            self._refuse(column, f"«{text}» no es 1 ni 0.")
        return default

    def instant(self, column: str, zone: ZoneInfo) -> datetime | None:
        """Answer an instant in ISO 8601; one without offset is of this zone."""
        text = self.text(column)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self._refuse(column, f"«{text}» no es una fecha como 2025-08-22 14:30:00.")
        return found if found.tzinfo else found.replace(tzinfo=zone)

    def uuid(self, column: str) -> UUID | None:
        """Answer an identifier."""
        text = self.text(column)
        try:
            return UUID(text) if text else None
        except ValueError:
            self._refuse(column, f"«{text}» no es un UUID.")

    def amount(self, column: str) -> Decimal | None:
        """Answer an amount of money of at most two decimals, not negative."""
        text = self.text(column)
        if not text:
            return None
        try:
            found = parse_amount(text)
        except BadAmount:
            self._refuse(column, f"«{text}» no es un importe como 1500.00.")
        if found < 0 or found != round(found, 2):
            self._refuse(column, f"«{text}» no es un importe como 1500.00.")
        return found

    def _refuse(self, column: str, problem: str) -> NoReturn:
        raise CellInvalid(column=column, problem=problem, fields={column: problem})


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file handed in: its rows, and the digest by which the audit knows it again."""

    path: Path
    sha256: str
    rows: Sequence[Cells]

    @classmethod
    def read(cls, path: Path, *, needed: Collection[str], known: Collection[str]) -> Table:
        """Read a file; columns it must have and all it may have. Raises TableUnreadable."""
        try:
            content = path.read_bytes()
            text = content.decode("utf-8-sig")
        except OSError as error:
            raise TableUnreadable(file=path.name, problem=f"no se pudo abrir {path}.") from error
        except UnicodeDecodeError as error:
            raise TableUnreadable(file=path.name, problem="no está en UTF-8.") from error
        try:
            read = _from_json if path.suffix.lower() == ".json" else _from_csv
            rows = list(read(text))
        except (ValueError, csv.Error) as error:
            raise TableUnreadable(file=path.name, problem=f"{error}") from error
        columns = {column for row in rows for column in row.values}
        if unknown := sorted(columns - set(known)):
            problem = f"trae columnas desconocidas ({', '.join(unknown)}); se conocen {', '.join(known)}."
            raise TableUnreadable(file=path.name, problem=problem)
        if rows and (missing := sorted(set(needed) - columns)):
            raise TableUnreadable(file=path.name, problem=f"le faltan las columnas {', '.join(missing)}.")
        return cls(path=path, sha256=hashlib.sha256(content).hexdigest(), rows=rows)


def _from_csv(text: str) -> Iterator[Cells]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    header = [name.strip().lower() for name in next(reader, [])]
    if len(set(header)) != len(header):
        raise ValueError("repite una columna.")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise ValueError(f"la línea {reader.line_num} tiene {len(cells)} celdas y el encabezado {len(header)}.")
        yield Cells(reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})


def _from_json(text: str) -> Iterator[Cells]:
    try:
        found = json.loads(text, parse_float=str)
    except json.JSONDecodeError as error:
        raise ValueError(f"no es JSON (línea {error.lineno}).") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("debe ser una lista de objetos.")
    for number, one in enumerate(found, start=1):
        yield Cells(number, {str(name).strip().lower(): _as_text(value) for name, value in one.items()})


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str | int):
        return str(value).strip()
    raise ValueError("una celda es una lista o un objeto.")


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "nuevo"
    SAME = "ya estaba"
    REFUSED = "rechazado"


@dataclass(frozen=True)
class RowFate:
    """One row: its number in the file, its natural key, and why if it was refused."""

    number: int
    key: str
    fate: Fate
    fault: AppError | None = None


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of a table, or would."""

    what: str
    file: str
    rows: Sequence[RowFate]

    def count(self, fate: Fate) -> int:
        """Answer how many rows have this fate."""
        return sum(row.fate is fate for row in self.rows)

    @property
    def refused(self) -> Sequence[RowFate]:
        """Answer the rows that were refused."""
        return [row for row in self.rows if row.fate is Fate.REFUSED]
