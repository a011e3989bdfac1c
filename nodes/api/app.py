"""The FastAPI application of one node."""

from typing import Any

from fastapi import FastAPI

from nodes.api import errors
from nodes.api.body_limit import BodyLimit
from nodes.api.documentation import DESCRIPTION, add_problem_schema
from nodes.api.exchange import Exchange
from nodes.api.health import health_router
from nodes.api.network import network_router
from nodes.api.points import points_router
from nodes.api.reservations import reservations_router
from nodes.api.seed_contract import seed_router
from nodes.api.sessions import sessions_router
from nodes.node import Node
from nodes.version import VERSION


def create_app(node: Node) -> FastAPI:
    """Return the application that serves a node."""
    app = FastAPI(
        title="Recarga node",
        version=VERSION,
        description=DESCRIPTION,
        redoc_url=None,
        separate_input_output_schemas=False,
        license_info={"name": "MIT"},
    )
    app.add_middleware(BodyLimit, bytes_max=node.config.limits.body_bytes_max)
    errors.install(app)
    exchange = Exchange(node)
    routers = (points_router, reservations_router, sessions_router, network_router, health_router, seed_router)
    for make_router in routers:
        app.include_router(make_router(exchange))
    document = app.openapi

    def with_problems() -> dict[str, Any]:
        if app.openapi_schema is None:
            add_problem_schema(document())
        return document()

    app.openapi = with_problems  # type: ignore[method-assign] # FastAPI's documented way to extend the document
    return app
