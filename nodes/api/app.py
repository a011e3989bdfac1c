"""The FastAPI application of one node."""

from typing import Any

from fastapi import FastAPI

from nodes.api import errors
from nodes.api.body_limit import BodyLimit
from nodes.api.docs_page import docs_routes
from nodes.api.documentation import DESCRIPTION, add_problem_schema, add_security
from nodes.api.exchange import Exchange
from nodes.api.export import export_router
from nodes.api.gate import Gate, guard
from nodes.api.health import health_router
from nodes.api.network import network_router
from nodes.api.points import points_router
from nodes.api.replication import replication_router
from nodes.api.reservations import reservations_router
from nodes.api.seed_contract import seed_router
from nodes.api.sessions import sessions_router
from nodes.api.signing_in import session_router
from nodes.api.stops import stops_router
from nodes.api.strange_pages import StrangePages
from nodes.api.trips import trips_router
from nodes.auth.authenticator import Authenticator
from nodes.auth.permissions import SeedContract
from nodes.node import Node
from nodes.version import VERSION
from nodes.web.routes import web_routes

_ROUTERS = (
    reservations_router,
    sessions_router,
    points_router,
    stops_router,
    trips_router,
    network_router,
    replication_router,
    health_router,
    session_router,
    export_router,
)
"""The busiest first: routes are tried in order."""


def create_app(
    node: Node,
    authenticator: Authenticator | None = None,
    seed_contract: SeedContract = SeedContract.TOKEN,
    web_broker: str | None = None,
) -> FastAPI:
    """Return the application that serves a node.

    ``authenticator`` tells callers apart; None: everybody may do all. ``seed_contract`` says who may speak that one.
    ``web_broker``: where the pages of the web client may hear the public feed themselves.
    """
    app = FastAPI(
        title="Recarga node",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's own takes its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a path is right or wrong: a redirected POST surprises clients
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics is our own, and asking costs 30 us
        separate_input_output_schemas=False,
        license_info={"name": "MIT"},
    )
    app.add_middleware(BodyLimit, bytes_max=node.config.limits.body_bytes_max)
    own_url = node.url if authenticator is None else None
    app.add_middleware(StrangePages, own_url=own_url, refused=node.telemetry.refused)
    if authenticator is not None:
        app.add_middleware(Gate, authenticator=authenticator, node=node)
    errors.install(app)
    exchange = Exchange(node, authenticator)
    routers = _ROUTERS if seed_contract is SeedContract.OFF else (*_ROUTERS, seed_router)
    for make_router in routers:
        app.router.routes.extend(make_router(exchange).routes)  # included routers are matched several times as slowly
    app.router.routes.extend(web_routes("/ui", web_broker))
    app.router.routes.extend(docs_routes())
    if authenticator is not None:
        guard(app, node, seed_contract)
    document = app.openapi

    def with_problems() -> dict[str, Any]:
        if app.openapi_schema is None:
            add_problem_schema(document())
            add_security(document())
        return document()

    app.openapi = with_problems  # type: ignore[method-assign] # FastAPI's documented way to extend the document
    return app
