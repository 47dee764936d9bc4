"""The base of every table: one metadata, one naming of constraints, one type for instants, texts and enums."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Enum, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """A row of any table. Instants are aware; enums are kept as their value in text, not as a database type."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy as a class attribute
        datetime: TIMESTAMP(timezone=True),
        str: Text(),
        int: BigInteger(),
        dict[str, Any]: JSONB(),
        list[str]: JSONB(),
        enum.StrEnum: Enum(
            enum.StrEnum, native_enum=False, create_constraint=False, length=60, values_callable=_values
        ),
    }
