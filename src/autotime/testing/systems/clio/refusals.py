"""What Clio says no with."""

from __future__ import annotations

from collections.abc import Mapping

from autotime.testing.server import Reply

TYPES = {
    400: "ArgumentError",
    403: "ForbiddenError",
    404: "RecordNotFound",
    410: "GoneError",
    412: "PreconditionFailed",
    422: "ValidationError",
    429: "RateLimited",
}


class No(Exception):
    """A refusal: its status and Clio's words."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}

    def reply(self) -> Reply:
        return Reply(
            {"error": {"type": TYPES.get(self.status, "Error"), "message": str(self)}}, self.status, self.headers
        )


def page(status: int, title: str) -> Reply:
    """A page where data belong: what a firewall in front of the service answers."""
    return Reply(f"<html><head><title>{title}</title></head></html>".encode(), status, kind="text/html; charset=utf-8")


def no_token() -> Reply:
    told = "The access token provided is expired, revoked, malformed or invalid for other reasons."
    return Reply({"error": "invalid_token", "error_description": told}, 401)
