"""How an endpoint gets its service: by class, from the application's services."""

from __future__ import annotations

from typing import Any

from fastapi import Depends
from starlette.requests import Request


def provide(kind: type[Any]) -> Any:
    """Answer the dependency that hands an endpoint the built service of this class.

    As in `Service = Annotated[DescargaService, provide(DescargaService)]`; reads `app.state.services`.
    """

    def service(request: Request) -> Any:
        return request.app.state.services[kind]

    return Depends(service)
