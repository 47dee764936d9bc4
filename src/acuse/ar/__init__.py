"""Argentina: tax ids, fiscal controllers and the certificates of their devices."""
