"""The yardstick: a FastAPI POST that validates a small body, does nothing, and answers a small dict."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from bench.contestant import Contestant, contestant
from bench.load import MakeRequest, encode_request
from bench.servers import free_port
from bench.serving import serve

app = FastAPI()


class Wish(BaseModel):
    point_id: str
    start_ms: int
    end_ms: int
    driver_id: str


@app.post("/")
async def accept(wish: Wish) -> dict[str, Any]:
    return {"point_id": wish.point_id, "driver_id": wish.driver_id, "start_ms": wish.start_ms, "end_ms": wish.end_ms}


def new_requests() -> MakeRequest:
    """Ask for another window of one of 50 points with every request."""

    def make_request(index: int) -> bytes:
        start_ms = 1_800_000_000_000 + 60_000 * index
        body = (
            f'{{"point_id":"server1.p-{index % 50:02}","start_ms":{start_ms},"end_ms":{start_ms + 60_000},'
            f'"driver_id":"driver-{index % 1000}"}}'
        )
        return encode_request("/", body.encode())

    return make_request


def empty_post() -> AbstractContextManager[Contestant]:
    """Start the yardstick."""
    port = free_port()
    return contestant("empty POST", [sys.executable, "-m", "bench.empty_post", str(port)], port, new_requests)


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
