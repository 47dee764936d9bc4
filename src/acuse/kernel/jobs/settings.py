"""Settings of background work."""

from pydantic import Field

from acuse.kernel.settings import Settings


class JobSettings(Settings):
    """Trabajos en segundo plano."""

    acuse_worker_concurrency: int = Field(
        8,
        ge=1,
        le=64,
        description="Trabajos que un proceso hace al mismo tiempo.",
        json_schema_extra={"unit": "trabajos"},
    )
    acuse_worker_metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Puerto en el que cada `acuse worker` da sus métricas a Prometheus; 0: en ninguno.",
    )
    acuse_worker_stop_timeout_s: float = Field(
        20,
        ge=0,
        description="Espera al detenerse; lo que siga corriendo se devuelve a la fila.",
        json_schema_extra={"unit": "s"},
    )
    acuse_jobs_keep_days: int = Field(
        7, ge=1, description="Días que se conservan los trabajos terminados.", json_schema_extra={"unit": "días"}
    )
    acuse_failed_jobs_keep_days: int = Field(
        90, ge=1, description="Días que se conservan los trabajos fallidos.", json_schema_extra={"unit": "días"}
    )
