"""Whatever goes wrong on the way, as problem details."""

import logging
from typing import Any

from fastapi import FastAPI, Response
from fastapi import Request as HttpRequest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from nodes.api.exchange import respond
from nodes.errors import RecargaError
from nodes.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    ProblemType,
    error_answer,
    problem,
)

_log = logging.getLogger(__name__)

_BY_STATUS: dict[int, ProblemType] = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: BODY_TOO_LARGE}
_ERRORS_MAX = 20


def install(app: FastAPI) -> None:
    """Answer every error with a problem."""

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: HttpRequest, error: RequestValidationError) -> Response:
        errors = [_field_error(item) for item in error.errors()[:_ERRORS_MAX]]
        detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors)
        return respond(problem(INVALID_REQUEST, detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def on_http_error(http: HttpRequest, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, BAD_REQUEST)
        response = respond(problem(kind, f"{http.method} {http.url.path}: {error.detail}"))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RecargaError)
    async def on_refused(_: HttpRequest, error: RecargaError) -> Response:
        return respond(error_answer(error))

    @app.exception_handler(Exception)
    async def on_mistake(http: HttpRequest, error: Exception) -> Response:
        _log.error("%s %s: %s: %s", http.method, http.url.path, type(error).__name__, error)
        return respond(problem(INTERNAL_ERROR, "the node made a mistake; its log says more"))


def _field_error(item: Any) -> dict[str, str]:
    """Say where and what. What was sent is not repeated: it may be anything."""
    where = [str(part) for part in item["loc"] if part not in ("body", "query", "path", "header")]
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "json_invalid":
        return {"field": "body", "message": f"no JSON: {item.get('ctx', {}).get('error', 'syntax error')}"}
    return {"field": ".".join(where)[:200] or "body", "message": message[:500]}
