"""Traces of requests across nodes, with OpenTelemetry (the extra ``otel``), sent by OTLP over HTTP to a collector.

Where that is and what else it wants is told by OpenTelemetry's own environment variables (``OTEL_EXPORTER_OTLP_ENDPOINT``,
``OTEL_TRACES_SAMPLER``, …). It stands before the API, and before the other nodes, only where traces are wanted.
"""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nodes.logs import errand
from nodes.ports import Peers
from nodes.records import Answer
from nodes.request import Ping, Request
from nodes.version import VERSION

_UNWATCHED = ("/healthz", "/readyz", "/metrics", "/v1/ping")
"""Asked every few seconds by programs: nobody looks for these."""
_W3C = TraceContextTextMapPropagator()


class Traces:
    """The spans of one node. ``close`` sends what is left."""

    def __init__(self, node_id: str) -> None:
        resource = Resource.create(
            {"service.name": "recarga", "service.instance.id": node_id, "service.version": VERSION}
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("recarga", VERSION)

    def app(self, app: ASGIApp) -> ASGIApp:
        """Return the application with a span around each request, within the trace that it came with."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] in _UNWATCHED:
                await app(scope, receive, send)
                return
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            with self._tracer.start_as_current_span(
                scope["method"], context=_W3C.extract(headers), kind=SpanKind.SERVER
            ) as span:
                span.set_attributes({"http.request.method": scope["method"], "url.path": scope["path"]})
                await app(scope, receive, _noting(send, span))
                _say_what_it_was(span, scope)

        return traced

    def peers(self, peers: Peers) -> Peers:
        """Return the peers with a span around each question to one."""
        return _TracedPeers(peers, self)

    async def ask(self, peers: Peers, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """Ask another node, within a span."""
        attributes = {"recarga.peer": node_id, "recarga.point_id": request.point_id}
        with self._tracer.start_as_current_span(
            f"ask {type(request.action).__name__}", kind=SpanKind.CLIENT, attributes=attributes
        ) as span:
            answer = await peers.ask(node_id, url, request, timeout_ms)
            span.set_attribute("http.response.status_code", answer.status)
            return answer

    @staticmethod
    def carry(headers: dict[str, str]) -> None:
        """Add the trace that this belongs to to the headers of a request to another node (W3C ``traceparent``)."""
        _W3C.inject(headers)

    def close(self) -> None:
        """Send what is left, if the collector takes it. It blocks for as long as that takes, some seconds at the most."""
        self._provider.shutdown()


class _TracedPeers:
    """See ``Peers``. Pings are none of anybody's errands."""

    def __init__(self, peers: Peers, traces: Traces) -> None:
        self._peers = peers
        self._traces = traces

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        if isinstance(request.action, Ping):
            return await self._peers.ask(node_id, url, request, timeout_ms)
        return await self._traces.ask(self._peers, node_id, url, request, timeout_ms)

    async def close(self) -> None:
        await self._peers.close()


def _noting(send: Send, span: Span) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", message["status"])
            if message["status"] >= 500:
                span.set_status(Status(StatusCode.ERROR))
        await send(message)

    return noting


def _say_what_it_was(span: Span, scope: Scope) -> None:
    """Name a span by its route, which is known once it has been found, and add the ids that logs have."""
    route = getattr(scope.get("route"), "path", None)
    if route is not None:
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    if (found := errand.get()) is not None and found.trip_id is not None:
        span.set_attribute("recarga.trip_id", found.trip_id)
