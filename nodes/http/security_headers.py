"""What every answer says of how a browser is to take it. Pages say more (``nodes.api.docs_page``, ``nodes.web``)."""

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
_OVER_TLS = (("Strict-Transport-Security", "max-age=31536000"),)
"""A year. Without TLS it would mean nothing; where it is switched on, a browser that was here insists on it."""


def security_headers(*, is_tls: bool) -> list[tuple[str, str]]:
    """Return the headers: an answer is what it says it is, is shown in no other page, and tells no other site of this one."""
    return [*_ALWAYS, *(_OVER_TLS if is_tls else ())]
