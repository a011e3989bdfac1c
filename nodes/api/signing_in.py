"""``/v1/session``: a browser changes a token for a cookie, which no script of any page can read."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest
from pydantic import Field

from nodes.api.answers import AnswerModel
from nodes.api.asked_host import is_tls
from nodes.api.credentials import cookie_name
from nodes.api.documentation import nothing, problems, success
from nodes.api.exchange import Exchange
from nodes.api.fields import Body, Millis
from nodes.api.visit import visit_of
from nodes.auth.tokens import TOKEN_BYTES_MAX
from nodes.errors import Forbidden, Unauthenticated
from nodes.principal import Principal, Role

_ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict"


class SignInBody(Body):
    """A token, for who cannot send it as a header."""

    token: Annotated[str, Field(min_length=1, max_length=TOKEN_BYTES_MAX)] | None = None


class WhoAnswer(AnswerModel):
    """Who is signed in."""

    authentication: bool = Field(description="whether this node asks who somebody is; false: everybody may do all")
    role: Role | None
    sub: str | None = Field(description="a driver's id, an operator, a node's id")
    expires_ms: Millis | None


def session_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/session", tags=["signing in"])

    @router.get(
        "",
        operation_id="whoAmI",
        summary="Tell who is signed in",
        responses=success(WhoAnswer, point=False) | problems(forwarded=False),
    )
    async def who_am_i(http: HttpRequest) -> Response:
        """401 while nobody is. `authentication` is false on a node that lets everybody do all."""
        visit = visit_of(http)
        if visit is None:
            return _tell(None)
        if visit.principal.role is Role.GUEST:
            raise visit.flaw or Unauthenticated("nobody is signed in")
        return _tell(visit.principal)

    @router.post(
        "",
        status_code=204,
        operation_id="signIn",
        summary="Change a token for a cookie",
        responses=nothing("Signed in: the cookie `recarga_session_<port>` is set") | problems(forwarded=False),
    )
    async def sign_in(http: HttpRequest, body: SignInBody | None = None) -> Response:
        """The token comes as `Authorization: Bearer` or in the body. The cookie lasts as long as the token does, and its name ends
        with the port that the browser asked (by `Host`, or a proxy's `X-Forwarded-Host`; 80 or 443 where they name none), since
        cookies know no ports. What is asked with the cookie, other than reading, carries the header `Recarga-Client: web`.
        """
        visit, authenticator = visit_of(http), exchange.authenticator
        if visit is None or authenticator is None:
            return Response(status_code=204)
        token = None if visit.caller is None else visit.caller.token
        if body is not None and body.token is not None:
            token = body.token
        if token is None:
            raise visit.flaw or Unauthenticated("sign in with a token")
        principal = authenticator.principal(token)
        if principal.role is Role.NODE or principal.expires_ms is None:
            raise Forbidden("a node's token is for nodes")
        left_s = (principal.expires_ms - exchange.node.clock.now_ms()) // 1000
        return _with_cookie(http, token, left_s)

    @router.delete(
        "",
        status_code=204,
        operation_id="signOut",
        summary="Forget the cookie",
        responses=nothing("The cookie is gone") | problems(forwarded=False),
    )
    async def sign_out(http: HttpRequest) -> Response:
        """The token itself counts until it expires: it is the cookie that goes."""
        return _with_cookie(http, "", 0)

    return router


def _tell(principal: Principal | None) -> Response:
    body = {
        "authentication": principal is not None,
        "role": None if principal is None else principal.role,
        "sub": None if principal is None else principal.sub,
        "expires_ms": None if principal is None else principal.expires_ms,
    }
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def _with_cookie(http: HttpRequest, token: str, left_s: int) -> Response:
    """Set the cookie. Behind a proxy that speaks TLS it is to be secure too."""
    headers, scheme = http.headers.raw, http.scope["scheme"]
    name, secure = cookie_name(headers, scheme), "; Secure" if is_tls(headers, scheme) else ""
    cookie = f"{name}={token}; {_ATTRIBUTES}; Max-Age={max(0, left_s)}{secure}"
    return Response(status_code=204, headers={"Set-Cookie": cookie, "Cache-Control": "no-store"})
