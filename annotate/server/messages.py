"""What goes over the wire, besides operations: requests are strict, answers are documented."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

Operation = Annotated[
    dict[str, Any],
    Field(
        description="An operation: `id` (UUID), `at` (client's milliseconds), `kind`, `tool`, and "
        "the fields of its kind; see the reference of annotate.review.operations."
    ),
]
Id = Annotated[int, Path(ge=1, le=2**53 - 1)]
Role = Literal["reviewer", "lead", "admin"]
VerdictName = Literal["accept", "reject", "needs-better-atoms", "cannot-decide"]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=2000)]
Seed = Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=10_000)]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Request(BaseModel):
    """A request's body: unknown fields and other types than those named are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """An answer's body."""


class ProblemAnswer(Answer):
    """An error, as application/problem+json."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class Login(Request):
    """A name and its password, or a token."""

    name: Annotated[str, Field(max_length=64)] | None = None
    password: Annotated[str, Field(max_length=256)] | None = None
    token: Annotated[str, Field(max_length=256)] | None = None


class User(Answer):
    """Who is logged in."""

    name: str
    role: str


class Session(Answer):
    """The present session; no user for strangers."""

    user: User | None


class Done(Answer):
    """It is done."""

    ok: bool = True


class ClaimRequest(Request):
    """Which queue to take from; any if left out."""

    queue: str | None = None


class Mesh(Answer):
    """The review mesh: one primitive whose face i is face i of the object."""

    url: str
    faces: int
    geometry_hash: str


class Blob(Answer):
    """An immutable file of the server."""

    url: str


class Tree(Answer):
    """The merge tree over atoms."""

    children: list[list[int]]
    heights: list[float]
    default_height: float


class Suggestion(Answer):
    """Groups that may be one part."""

    groups: list[int]
    score: float
    why: str


class Caution(Answer):
    """Something to look at before accepting."""

    code: str
    message: str
    groups: list[int] = []


class Reason(Answer):
    """A reason to reject, and the key that chooses it."""

    key: str
    code: str
    text: str


class Next(Answer):
    """Addresses of what will probably be claimed next, to be fetched ahead."""

    mesh: str
    atoms: str


class Opinion(Answer):
    """One of the opinions that an arbiter has to weigh; who gave it is not told."""

    id: int
    label: str
    verdict: str
    reason: str
    note: str
    operations: list[Operation]


class ClaimedTask(Answer):
    """A task in the caller's hands."""

    id: int
    uid: str
    name: str
    why: str
    epoch: int
    lease_until: str
    version: int
    mesh: Mesh
    atoms: Blob
    tree: Tree
    materials: list[Any] | None = None
    operations: list[Operation]
    suggestions: list[Suggestion]
    warnings: list[Caution]
    next: Next | None
    reasons: list[Reason]
    blind: bool
    opinions: list[Opinion]


class ClaimAnswer(Answer):
    """A task, or none and why."""

    task: ClaimedTask | None
    why: str = ""


class Held(Request):
    """A request about a task in the caller's hands, fenced by the claim's epoch."""

    epoch: Count


class Lease(Answer):
    """When the lease ends, unless it is renewed."""

    lease_until: str


class ReleaseRequest(Held):
    """Skip for good, or put off."""

    kind: Literal["skip", "later"]
    reason: Note = ""


class OperationsRequest(Held):
    """Operations, in order, made upon `base_version`."""

    base_version: Count
    operations: Annotated[list[Operation], Field(max_length=1000)]


class Saved(Answer):
    """Where the draft stands; `replayed` of the operations were there before."""

    version: int
    state_hash: str
    replayed: int = 0


class SubmitRequest(Held):
    """A verdict on what the draft at `version` makes, whose fingerprint is `state_hash`."""

    version: Count
    state_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    verdict: VerdictName
    reason: Annotated[str, Field(max_length=64)] = ""
    note: Note = ""
    active_ms: Count = 0
    picked_id: Count | None = None


class Submitted(Answer):
    """The review as it is stored; `replayed` if it was there before."""

    review: int
    state: str
    replayed: bool = False


class ReopenRequest(Request):
    """Take back one's own submission (`own`), or as a lead return the task."""

    to: Literal["own", "same", "anyone"] = "own"
    note: Note = ""


class Reopened(Answer):
    """The task as it stands now."""

    state: str
    round: int


class Warnings(Answer):
    """What to look at before accepting the present draft, and what may be merged."""

    warnings: list[Caution]
    suggestions: list[Suggestion]


class PreviewRequest(Held):
    """An edit to be computed by the server; nothing is stored.

    The tool `mirror` answers the last gesture on the other side, whatever its group.
    """

    tool: Annotated[str, Field(max_length=40)]
    version: Count
    group: Count = 0
    seeds: Annotated[list[Seed], Field(max_length=64)] = []
    count: Annotated[int, Field(ge=2, le=256)] = 2


class Preview(Answer):
    """The edit; of a split, whole atoms for each new group and faces that leave atoms, as runs."""

    atoms: list[list[int]] = []
    faces: list[int] = []
    operations: list[Operation] = []


class TaskRow(Answer):
    """A task as leads see it."""

    id: int
    queue: str
    uid: str
    name: str
    category: str
    state: str
    round: int
    gold: bool
    want: int
    priority: float
    faces: int
    verdict: str | None
    reason: str | None
    holders: list[str]
    reviewers: list[str]
    created_at: float
    decided_at: float | None


class TaskPage(Answer):
    """A page of tasks; `after` asks for the next one."""

    tasks: list[TaskRow]
    after: int | None


class Released(Answer):
    """How many slots were freed."""

    released: int


class Gold(Answer):
    """The gold copy of a decided task."""

    task: int


class AccountRow(Answer):
    """An account; whether it can log in by password."""

    name: str
    role: str
    has_password: bool
    created_at: float


class Accounts(Answer):
    """All active accounts."""

    users: list[AccountRow]


class AccountRequest(Request):
    """A new account."""

    name: Name
    role: Role
    password: Annotated[str, Field(max_length=256)] = ""


class AccountChange(Request):
    """What to change of an account."""

    role: Role | None = None
    password: Annotated[str, Field(max_length=256)] | None = None


class TokenRequest(Request):
    """A token for programs, named so that its owner knows it again."""

    label: Name
    days: Annotated[int, Field(ge=1, le=365)] = 90


class Token(Answer):
    """A new token; `token` is shown this once."""

    id: int
    token: str
    expires_at: float


class TokenRow(Answer):
    """A token without its secret."""

    id: int
    label: str
    created_at: float
    expires_at: float


class Tokens(Answer):
    """The caller's own tokens."""

    tokens: list[TokenRow]


class EventRow(Answer):
    """An entry of the audit trail."""

    id: int
    at: float
    account: str | None
    action: str
    task: int | None
    origin: str
    detail: dict[str, Any]


class EventPage(Answer):
    """A page of the audit trail, newest first; `before` asks for the next one."""

    events: list[EventRow]
    before: int | None
