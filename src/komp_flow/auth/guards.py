"""What stands before every view: `@public`, or `@requires(permission)`. A test finds the view that has neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, redirect, request, url_for

from komp_flow import pages
from komp_flow.errors import NotSignedIn
from komp_flow.i18n import _
from komp_flow.organisation.actors import Actor
from komp_flow.work import policy
from komp_flow.work.policy import Permission

V = TypeVar("V", bound=Callable[..., Any])
API = "/api/"


def public(view: V) -> V:
    """Anyone may come, signed in or not."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[V], V]:
    """Only for those whose roles give `permission`; what they may do with each thing inside, `work` decides."""

    def guarded(view: V) -> V:
        @wraps(view)
        def inner(*args: Any, **kwargs: Any) -> Any:
            if g.actor is None:
                if request.path.startswith(API):
                    raise _no_token()
                if request.method not in {"GET", "HEAD"}:
                    raise NotSignedIn(pages.signed_out())  # the page shows what was typed; a redirect would lose it
                wanted = request.full_path.rstrip("?")
                return redirect(url_for("auth.sign_in", next=wanted), 303)
            policy.allow(g.holdings, g.actor, permission)
            return view(*args, **kwargs)

        inner.guard = permission  # type: ignore[attr-defined]
        return inner  # type: ignore[return-value]

    return guarded


def known(view: V) -> V:
    """For any program whose token holds, whatever its scopes."""

    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> Any:
        if g.actor is None:
            raise _no_token()
        return view(*args, **kwargs)

    inner.guard = "known"  # type: ignore[attr-defined]
    return inner  # type: ignore[return-value]


def _no_token() -> NotSignedIn:
    return NotSignedIn(_("Send et gyldig token: «Authorization: Bearer …»."))


def actor() -> Actor:
    """The one who is calling, in a view that requires somebody."""
    found: Actor = g.actor
    return found
