"""What every request passes on its way in and every response on its way out, outermost first."""

from collections.abc import Callable

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from qa.web.crossing import OriginGuard
from qa.web.errors import CatchAll
from qa.web.guard import BodyLimit, HttpOnly, SecurityHeaders
from qa.web.guarding import Policy
from qa.web.logs import RequestLog
from qa.web.metrics import ErrorCounter, Metrics
from qa.web.throttle import Throttle


def layers(
    policy: Policy, metrics: Metrics, takes_large: Callable[[Scope], bool]
) -> list[Middleware]:
    """The whole guard. A refusal passes all that stands before it, and so has every header.

    What `takes_large` counts its body itself.
    """
    return [
        Middleware(RequestLog),
        Middleware(ErrorCounter, metrics),
        Middleware(HttpOnly),
        Middleware(SecurityHeaders, policy.origins.frame_ancestors()),
        Middleware(OriginGuard, policy),
        Middleware(GZipMiddleware, minimum_size=500),
        Middleware(CatchAll),
        Middleware(Throttle, policy),
        Middleware(BodyLimit, passes=takes_large),
    ]
