"""``recarga node`` and ``recarga broker``: the processes of a network."""

import asyncio
import logging
import os
import signal
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from nodes.auth import cli as auth_cli
from nodes.auth.permissions import SeedContract
from nodes.command_line import Json, checked_node_id, errors, say
from nodes.config import NodeConfig, Strategy
from nodes.errors import ConfigError
from nodes.logs import LogFormat, set_up
from nodes.store import cli as store_cli

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(auth_cli.keys, name="keys")
app.command()(auth_cli.token)
app.command()(store_cli.backup)
app.command()(store_cli.restore)

WebBroker = Annotated[
    str | None,
    typer.Option(
        envvar="RECARGA_WEB_BROKER",
        help="ws[s]://host:port of the broker, for browsers: the web client then hears the public feed itself, too.",
    ),
]
TlsCert = Annotated[Path | None, typer.Option(envvar="RECARGA_TLS_CERT", help="Certificate chain (PEM): serve HTTPS.")]
TlsKey = Annotated[Path | None, typer.Option(envvar="RECARGA_TLS_KEY", help="Its private key (PEM).")]
Orphan = Annotated[bool, typer.Option("--stop-with-parent", hidden=True, help="Stop when standard input closes.")]


@app.command()
def node(
    node_id: Annotated[str, typer.Option("--id", envvar="RECARGA_ID", help="The node's id, such as server1.")],
    host: Annotated[
        str, typer.Option(envvar="RECARGA_HOST", help="A loopback address; with --auth-keys any of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="RECARGA_PORT", min=0, max=65_535, help="0: any free one.")] = 9000,
    data: Annotated[Path, typer.Option(envvar="RECARGA_DATA", help="Folder of the database <id>.db.")] = Path("data"),
    database_url: Annotated[
        str | None,
        typer.Option(
            envvar="RECARGA_DATABASE_URL",
            help="postgresql+psycopg://user:password@host:port/database, instead of SQLite in --data.",
        ),
    ] = None,
    broker: Annotated[
        str | None,
        typer.Option(envvar="RECARGA_BROKER", help="mqtt[s]://[user@]host:port; without it the node does not gossip."),
    ] = None,
    broker_password_file: Annotated[
        Path | None,
        typer.Option(envvar="RECARGA_BROKER_PASSWORD_FILE", help="Holds the password of the user that the URL names."),
    ] = None,
    points: Annotated[
        Path | None, typer.Option(envvar="RECARGA_POINTS", help="Points file (docs/points_files.md).")
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option(envvar="RECARGA_PEERS", help="id=http://host:port of another node; may be repeated."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(envvar="RECARGA_URL", help="Where other nodes reach this one, if not where it listens."),
    ] = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    cluster: Annotated[str, typer.Option(envvar="RECARGA_CLUSTER", help="Nodes gossip within a cluster.")] = "recarga",
    log_level: Annotated[
        str, typer.Option(envvar="RECARGA_LOG_LEVEL", help="debug, info, warning, error.")
    ] = "warning",
    traces: Annotated[
        bool,
        typer.Option("--traces", envvar="RECARGA_TRACES", help="Tell OpenTelemetry (OTEL_EXPORTER_OTLP_ENDPOINT)."),
    ] = False,
    log_format: Annotated[
        LogFormat, typer.Option(envvar="RECARGA_LOG_FORMAT", help="json: one object a line, and one for every request.")
    ] = LogFormat.TEXT,
    strategy: Annotated[
        Strategy,
        typer.Option(envvar="RECARGA_STRATEGY", help="How requests for one point are kept apart (docs/strategies.md)."),
    ] = Strategy.MAILBOX,
    auth_keys: Annotated[
        Path | None, typer.Option(envvar="RECARGA_AUTH_KEYS", help="Keys of tokens (docs/security.md); a JWK Set.")
    ] = None,
    seed_contract: Annotated[
        SeedContract,
        typer.Option(envvar="RECARGA_SEED_CONTRACT", help="Who may speak the seed contract, where there are keys."),
    ] = SeedContract.TOKEN,
    web_broker: WebBroker = None,
    civil_time: Annotated[Path | None, typer.Option(hidden=True, help="A laboratory's civil time.")] = None,
    json: Json = False,
    stop_with_parent: Orphan = False,
) -> None:
    """Run one node until it is told to stop (Ctrl-C, SIGTERM). It stops in order and loses nothing."""
    from nodes.node import Node
    from nodes.serving import serve
    from nodes.settings import Settings
    from nodes.store.postgres_url import parse_database_url
    from nodes.web.broker_url import parse_web_broker

    def ready(started: Node) -> None:
        count = len(started.server.points())
        text = f"{started.id} is ready: {started.url}/docs (epoch {started.server.epoch}, {count} points)"
        say(json, text, event="ready", node=started.id, url=started.url, epoch=started.server.epoch, points=count)

    _set_up_logging(log_level, log_format, node=node_id)
    with errors(json):
        settings = Settings(
            config=NodeConfig(checked_node_id(node_id, "--id"), cluster=_cluster(cluster), strategy=strategy),
            host=host,
            port=port,
            data=data,
            database=None if database_url is None else parse_database_url(database_url),
            broker=broker,
            broker_password_file=broker_password_file,
            tls=_tls(tls_cert, tls_key),
            points=points,
            peers=dict(_peer(text) for text in peer or ()),
            url=url,
            civil_time=civil_time,
            auth_keys=auth_keys,
            auth_keys_json=os.environ.get("RECARGA_AUTH_KEYS_JSON") or None,
            seed_contract=seed_contract,
            web_broker=None if web_broker is None else parse_web_broker(web_broker),
            logs_requests=log_format is LogFormat.JSON,
            traces=traces,
        )
        code = _run(serve(settings, ready), stop_with_parent=stop_with_parent)
        say(json, f"{node_id} has stopped", event="stopped", node=node_id, code=code)
        raise typer.Exit(code)


@app.command()
def broker(
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="RECARGA_BROKER_PORT", min=1, max=65_535)] = 1883,
    json: Json = False,
    stop_with_parent: Orphan = False,
) -> None:
    """Run the embedded MQTT broker (amqtt) until it is told to stop. For one machine; deploy Mosquitto."""
    from nodes.exposure import refuse_to_be_exposed
    from nodes.stop_signals import stop_signals

    async def serve() -> int:
        from nodes.gossip.broker import EmbeddedBroker

        refuse_to_be_exposed(host, "deploy Mosquitto where others are to reach it (docs/deploy.md)")
        embedded = EmbeddedBroker(host, port)
        await embedded.start()
        try:
            with stop_signals() as told_to_stop:
                say(json, f"the broker is ready: mqtt://{host}:{port}", event="ready", url=f"mqtt://{host}:{port}")
                await told_to_stop.wait()
        finally:
            await embedded.stop()
        return 0

    _set_up_logging("error")
    with errors(json):
        raise typer.Exit(_run(serve(), stop_with_parent=stop_with_parent))


@app.command()
def web(
    node: Annotated[
        list[str],
        typer.Option(
            envvar="RECARGA_NODES", help="http://host:port of a node; repeated: the first that answers is asked."
        ),
    ],
    host: Annotated[
        str,
        typer.Option(
            envvar="RECARGA_HOST", help="The address it listens on; if others reach it, only nodes with keys are asked."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="RECARGA_PORT", min=0, max=65_535, help="0: any free one.")] = 8001,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    web_broker: WebBroker = None,
    log_level: Annotated[
        str, typer.Option(envvar="RECARGA_LOG_LEVEL", help="debug, info, warning, error.")
    ] = "warning",
    json: Json = False,
    stop_with_parent: Orphan = False,
) -> None:
    """Serve the web client, and hand what it asks on to the first node that answers. (Every node serves it too, at /ui.)"""
    from nodes.web.broker_url import parse_web_broker
    from nodes.web.server import serve_web

    def ready(url: str) -> None:
        say(json, f"the web client is ready: {url}/", event="ready", url=url)

    _set_up_logging(log_level)
    with errors(json):
        told = None if web_broker is None else parse_web_broker(web_broker)
        serving = serve_web(node, host, port, ready, told, _tls(tls_cert, tls_key))
        raise typer.Exit(_run(serving, stop_with_parent=stop_with_parent))


def _run(serving: Coroutine[Any, Any, int], *, stop_with_parent: bool) -> int:
    async def main() -> int:
        if stop_with_parent:
            _watch_parent()
        return await serving

    try:
        import uvloop
    except ImportError:
        return asyncio.run(main())
    return uvloop.run(main())


def _watch_parent() -> None:
    """Stop when standard input closes: whoever started this process has ended, however that happened."""

    def look() -> None:
        with suppress(OSError):
            if os.read(0, 1024):
                return
        loop.remove_reader(0)
        os.kill(os.getpid(), signal.SIGTERM)

    loop = asyncio.get_running_loop()
    loop.add_reader(0, look)


def _set_up_logging(level: str, log_format: LogFormat = LogFormat.TEXT, **members: str) -> None:
    names = logging.getLevelNamesMapping()
    if level.upper() not in names:
        raise typer.BadParameter(
            f"expected one of {', '.join(name.lower() for name in names)}", param_hint="--log-level"
        )
    set_up(names[level.upper()], log_format, **members)


def _cluster(text: str) -> str:
    return checked_node_id(text, "--cluster")


def _tls(cert: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    if (cert is None) != (key is None):
        raise ConfigError("--tls-cert and --tls-key: expected both or neither")
    if cert is None or key is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except OSError as error:  # which ssl.SSLError is
        raise ConfigError(f"--tls-cert {cert}, --tls-key {key}: {error.strerror or error}") from error
    return cert, key


def _peer(text: str) -> tuple[str, str]:
    node_id, equals, url = text.partition("=")
    if not equals or not url.startswith(("http://", "https://")):
        raise ConfigError(f"--peer: expected id=http://host:port, got {text[:100]!r}")
    return checked_node_id(node_id, "--peer"), url
