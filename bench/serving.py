"""How every ASGI contestant is served: one place, so that two of them never differ in their server's settings."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI


def uvicorn_config(app: FastAPI, port: int) -> uvicorn.Config:
    """Give the settings shared by all: one worker, uvloop, httptools, no access log, no WebSockets."""
    return uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        workers=1,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=60,  # seconds; uvicorn's 5 closes a fleet's connections between two requests
    )


def serve(app: FastAPI, port: int) -> None:
    """Serve ``app`` on this machine's ``port`` until SIGTERM or SIGINT."""
    uvicorn.Server(uvicorn_config(app, port)).run()
