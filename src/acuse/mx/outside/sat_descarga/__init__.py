"""The SAT's Descarga Masiva v1.5: `client` calls it, `codes` names its numbers, `simulator` stands in for it."""
