"""Values and rules of solicitudes and paquetes: what may be asked, where it stands, what an answer means."""
