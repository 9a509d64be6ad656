"""`POST /mcp`: agents over streamable HTTP, behind the same guard as everything else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.guard import MAX_BODY

PATH = "/mcp"


class AgentGate:
    """Each request stands for itself: no session is kept, no stream stays open."""

    def __init__(self, server: MCPServer) -> None:
        self.server = server
        self.manager: StreamableHTTPSessionManager | None = None
        self.route = Route(PATH, self, methods=["POST"], include_in_schema=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a message of the protocol."""
        if self.manager is None:
            message = "agents cannot come in yet: ask again in a moment"
            refusal = error_response(503, "not_ready", message, {"Retry-After": "1"})
            await refusal(scope, receive, send)
        else:
            await self.manager.handle_request(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """What must run while agents are served."""
        self.server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            max_request_body_size=MAX_BODY,
            # Host and Origin are checked before, by the one list of the house.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self.manager = self.server.session_manager
        async with self.manager.run():
            yield
        self.manager = None
