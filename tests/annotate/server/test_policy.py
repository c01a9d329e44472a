"""Who may do what: the table itself, and that every route obeys it."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from annotate.database.accounts_tables import ROLES as KNOWN_ROLES
from annotate.server.identity import Permit
from annotate.server.policy import ROLES, Verb, allowed
from annotate.server.routes import access, captions, files, statistics, tasks, users, work
from tests.annotate.server.scene import Scene

TABLE = {
    Verb.WORK: ("reviewer", "lead", "admin"),
    Verb.EDIT_CAPTIONS: ("reviewer", "lead", "admin"),
    Verb.READ_BLOBS: ("reviewer", "lead", "admin"),
    Verb.OWN_TOKENS: ("reviewer", "lead", "admin"),
    Verb.LEAD_TASKS: ("lead", "admin"),
    Verb.SEE_FIGURES: ("lead", "admin"),
    Verb.SEE_AUDIT: ("lead", "admin"),
    Verb.MANAGE_ACCOUNTS: ("admin",),
}

VERBS = {
    ("POST", "/api/v1/claim"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/heartbeat"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/release"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/operations"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/preview"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/submit"): Verb.WORK,
    ("POST", "/api/v1/tasks/{task_id}/reopen"): Verb.WORK,
    ("GET", "/api/v1/tasks/{task_id}/warnings"): Verb.WORK,
    ("GET", "/api/v1/captions"): Verb.EDIT_CAPTIONS,
    ("GET", "/api/v1/captions/{uid}"): Verb.EDIT_CAPTIONS,
    ("GET", "/api/v1/captions/{uid}/pictures/{name}"): Verb.EDIT_CAPTIONS,
    ("POST", "/api/v1/captions/{uid}/edit"): Verb.EDIT_CAPTIONS,
    ("POST", "/api/v1/captions/{uid}/withdraw"): Verb.EDIT_CAPTIONS,
    ("GET", "/api/v1/blobs/{name}"): Verb.READ_BLOBS,
    ("GET", "/api/v1/tokens"): Verb.OWN_TOKENS,
    ("POST", "/api/v1/tokens"): Verb.OWN_TOKENS,
    ("DELETE", "/api/v1/tokens/{token_id}"): Verb.OWN_TOKENS,
    ("GET", "/api/v1/tasks"): Verb.LEAD_TASKS,
    ("POST", "/api/v1/tasks/{task_id}/force-release"): Verb.LEAD_TASKS,
    ("POST", "/api/v1/tasks/{task_id}/gold"): Verb.LEAD_TASKS,
    ("GET", "/api/v1/stats"): Verb.SEE_FIGURES,
    ("GET", "/api/v1/stats/{name}.csv"): Verb.SEE_FIGURES,
    ("GET", "/api/v1/audit"): Verb.SEE_AUDIT,
    ("GET", "/api/v1/users"): Verb.MANAGE_ACCOUNTS,
    ("POST", "/api/v1/users"): Verb.MANAGE_ACCOUNTS,
    ("PATCH", "/api/v1/users/{name}"): Verb.MANAGE_ACCOUNTS,
    ("DELETE", "/api/v1/users/{name}"): Verb.MANAGE_ACCOUNTS,
}

OPEN = {
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/login"),
    ("POST", "/api/v1/logout"),
}


def test_the_table_is_the_policy() -> None:
    assert set(TABLE) == set(Verb) and set(ROLES) == set(KNOWN_ROLES)
    for verb, roles in TABLE.items():
        for role in (*ROLES, "", "stranger"):
            assert allowed(role, verb) == (role in roles), (role, verb)


def permits_of(route: APIRoute) -> list[Verb]:
    """The verbs that a route's dependencies ask for."""
    calls = [dependency.call for dependency in route.dependant.dependencies]
    return [call.verb for call in calls if isinstance(call, Permit)]


def test_every_route_asks_for_its_verb(small: Scene) -> None:
    """What is documented is what is served, and nothing of it lets strangers in by omission."""
    found: dict[tuple[str, str], list[Verb]] = {}
    for module in (access, captions, files, statistics, tasks, users, work):
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                found[method, f"/api/v1{route.path}"] = permits_of(route)
    documented = {
        (method.upper(), path)
        for path, methods in small.app.openapi()["paths"].items()
        for method in methods
    }
    assert documented == set(found) == set(VERBS) | OPEN
    assert found == {**{key: [verb] for key, verb in VERBS.items()}, **{key: [] for key in OPEN}}


@pytest.mark.parametrize("key", sorted(VERBS))
def test_roles_and_strangers_at_every_route(small: Scene, key: tuple[str, str]) -> None:
    """Whoever may not gets 401 or 403, and whoever may gets anything else."""
    method, template = key
    path = template.format(
        uid="x", task_id=1, token_id=1, name="reasons" if "stats" in template else "x"
    )
    stranger = small.stranger().request(method, path, json={})
    assert stranger.status_code == 401 and stranger.json()["code"] == "not_signed_in"
    for role in ROLES:
        answer = small.person(f"the-{role}", role).client.request(method, path, json={})
        code = answer.json().get("code") if answer.status_code >= 400 else ""
        may = role in TABLE[VERBS[key]]
        assert (code != "forbidden") == may, (role, key, answer.text)
        assert answer.status_code != 401
    refused = 1 + sum(role not in TABLE[VERBS[key]] for role in ROLES)
    events = small.events("refused.not_signed_in") + small.events("refused.forbidden")
    assert len(events) == refused
