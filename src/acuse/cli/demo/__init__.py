"""`acuse demo`: a year of a taxpayer's CFDIs, from nothing to searchable, on this machine alone."""

from acuse.cli.demo.command import commands

__all__ = ["commands"]
