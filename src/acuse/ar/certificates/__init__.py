"""The certificates of fiscal controllers: reading the delivered bundle, and an authority that issues look-alikes."""

from acuse.ar.certificates.bundle import DeviceBundle as DeviceBundle
from acuse.ar.certificates.bundle import read_bundle as read_bundle

__all__ = ["DeviceBundle", "read_bundle"]
