"""``/healthz``, ``/readyz``, ``/metrics``: for whoever runs the node."""

import orjson
from fastapi import APIRouter, Response

from nodes.api.answers import HealthAnswer
from nodes.api.documentation import success
from nodes.api.exchange import Exchange

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def health_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operation"])
    node = exchange.node

    def health(status: str, code: int) -> Response:
        body = {
            "status": status,
            "node": node.id,
            "epoch": node.server.epoch,
            "broker_connected": node.catalogue.connected,
        }
        return Response(orjson.dumps(body), code, media_type="application/json")

    @router.get(
        "/healthz",
        operation_id="isAlive",
        summary="Does the node live?",
        responses=success(HealthAnswer, point=False),
    )
    async def is_alive() -> Response:
        """200 as long as it answers at all. Without a broker it is still alive: bookings go on."""
        return health("alive", 200)

    @router.get(
        "/readyz",
        operation_id="isReady",
        summary="Does the node take requests?",
        responses=success(HealthAnswer, point=False)
        | success(HealthAnswer, 503, "It is stopping, its database failed, or it must not serve", point=False),
    )
    async def is_ready() -> Response:
        """503 while it stops, when its database has failed, and when it must not serve (its log says why)."""
        if node.forked is not None:
            return health("forked", 503)
        if node.standing.refusal is not None:
            return health("refusing", 503)
        if node.server.journal.failure is not None:
            return health("failed", 503)
        return health("draining", 503) if node.server.draining else health("ready", 200)

    @router.get(
        "/metrics",
        operation_id="getMetrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Metrics"}},
    )
    async def get_metrics() -> Response:
        """All the node measures of itself."""
        return Response(node.telemetry.text(), media_type=_METRICS_TYPE)

    return router
