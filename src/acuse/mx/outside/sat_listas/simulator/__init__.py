"""The published list as an ASGI application: generated, in the published form, with switches."""

from __future__ import annotations

import csv
import io
from datetime import date
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = "/Listado_completo_69-B.csv"
_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_STAGES = ("presunción", "contribuyentes desvirtuados", "definitivos", "sentencia favorable")
_REACHED = dict(zip(("Presunto", "Desvirtuado", "Definitivo", "Sentencia Favorable"), _STAGES, strict=True))


class ListaState:
    """Who is listed, the date written inside, and the status to answer with."""

    def __init__(self, as_of: date, situations: dict[str, tuple[str, str]] | None = None) -> None:
        self.as_of = as_of
        self.situations = dict(situations or {})
        """By RFC: name and situation."""
        self.status = 200
        self.fillers = 200

    def file(self) -> bytes:
        """Answer the file as the SAT would publish it."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        day = f"{self.as_of.day:02d} de {_MONTHS[self.as_of.month - 1]} de {self.as_of.year}"
        writer.writerow([f"Información actualizada al {day}", *[""] * 19])
        writer.writerow(
            ["Listado completo de contribuyentes (Artículo 69-B del Código Fiscal de la Federación)"] + [""] * 19
        )
        writer.writerow(["No", "RFC", "Nombre del Contribuyente", "Situación del contribuyente", *_heads()])
        listed = [(rfc, *told) for rfc, told in self.situations.items()]
        listed += [
            (f"ÑÑA9{n % 10}0101{n:03d}"[:12], f"COMERCIALIZADORA\nNÚMERO {n}, S.A.", "Definitivo")
            for n in range(self.fillers)
        ]
        listed += [("XXXXXXXXXXXX", "XXXXXXXXXXXX", "Sentencia Favorable")] * 3
        for number, (rfc, name, situation) in enumerate(listed, start=1):
            writer.writerow([number, rfc, name, situation, *_notices(number, situation)])
        return out.getvalue().encode("windows-1252")


def create_app(state: ListaState) -> Starlette:
    """Build the application over a state."""

    async def give(_: Request) -> Response:
        return Response(state.file() if state.status == 200 else b"", status_code=state.status, media_type="text/csv")  # noqa: PLR2004

    return Starlette(routes=[Route(PATH, give, methods=["GET"])])


def control_routes(state: ListaState) -> list[Route]:
    """Answer the switches: POST `date`, `row` and `status`."""
    return [Route(f"/{name}", partial(_change, state, name), methods=["POST"]) for name in ("date", "row", "status")]


async def _change(state: ListaState, name: str, request: Request) -> Response:
    body = await request.json()
    try:
        if name == "date":
            state.as_of = date.fromisoformat(body["date"])
        elif name == "row":
            state.situations[str(body["rfc"])] = (str(body.get("nombre", "")), str(body["situacion"]))
        else:
            state.status = int(body["status"])
    except (KeyError, ValueError, TypeError) as error:
        return JSONResponse({"error": "VALIDATION_ERROR", "message": str(error), "details": {}}, status_code=400)
    return JSONResponse({"date": state.as_of.isoformat(), "rows": len(state.situations), "status": state.status})


def _notices(number: int, situation: str) -> list[str]:
    """Answer the texts of the stages gone through: of presumption, and of what the situation says since."""
    reached = {_STAGES[0], _REACHED.get(situation)}
    told = []
    for stage, year in zip(_STAGES, range(2018, 2022), strict=True):
        notice = f"500-05-{year}-{number:05d} de fecha 12 de enero de {year}"
        told += [notice, f"12/01/{year}", notice, f"01/02/{year}"] if stage in reached else [""] * 4
    return told


def _heads() -> list[str]:
    return [
        f"{what} {where} {stage}"
        for stage in _STAGES
        for where in ("SAT", "DOF")
        for what in ("Número y fecha de oficio global de", "Publicación página")
    ]
