"""The pages over taxpayers, by what a person comes for."""

from acuse.mx.contribuyentes.pages.access import router as access_router
from acuse.mx.contribuyentes.pages.addresses import HOME, address
from acuse.mx.contribuyentes.pages.batch import router as batch_router
from acuse.mx.contribuyentes.pages.efirma import router as efirma_router
from acuse.mx.contribuyentes.pages.home import home_panel
from acuse.mx.contribuyentes.pages.taxpayers import router as taxpayers_router

# Fixed words of an address stand before the RFC that may stand in their place.
routers = (batch_router, efirma_router, taxpayers_router, access_router)

__all__ = ["HOME", "address", "home_panel", "routers"]
