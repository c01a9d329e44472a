"""The first schema: accounts, tasks, slots, drafts, and what is only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "account",
    "event",
    "task",
    "credential",
    "draft",
    "skip",
    "slot",
    "operation",
    "review",
    "agreement",
)
APPEND_ONLY = ("operation", "review", "agreement", "event")

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and triggers that refuse to change what is only ever added to."""
    _make_account()
    _make_event()
    _make_task()
    _make_credential()
    _make_draft()
    _make_skip()
    _make_slot()
    _make_operation()
    _make_review()
    _make_agreement()
    for table in APPEND_ONLY:
        _protect(table)


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION partworks_append_only()")


def _protect(table: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION partworks_append_only() RETURNS trigger AS $$ "
            "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION partworks_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _make_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.CheckConstraint("role IN ('reviewer', 'lead', 'admin')", name=op.f("ck_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )


def _make_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_account_id", "event", ["account_id"], unique=False)
    op.create_index("ix_event_action", "event", ["action"], unique=False)
    op.create_index("ix_event_task_id", "event", ["task_id"], unique=False)


def _make_task() -> None:
    op.create_table(
        "task",
        sa.Column("id", KEY, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("geometry_hash", sa.String(), nullable=False),
        sa.Column("faces", sa.BigInteger(), nullable=False),
        sa.Column("mesh", sa.String(), nullable=False),
        sa.Column("atoms", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("want", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("gold", sa.Boolean(), nullable=False),
        sa.Column("truth", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'adjudication', 'decided', 'superseded')", name=op.f("ck_task_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint(
            "queue", "uid", "revision", "gold", name=op.f("uq_task_queue_uid_revision_gold")
        ),
    )
    op.create_index("ix_task_queue_state", "task", ["queue", "state"], unique=False)


def _make_credential() -> None:
    op.create_table(
        "credential",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.CheckConstraint("kind IN ('session', 'token')", name=op.f("ck_credential_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_credential_secret_hash")),
    )
    op.create_index(op.f("ix_credential_account_id"), "credential", ["account_id"], unique=False)


def _make_draft() -> None:
    op.create_table(
        "draft",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("worked_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_draft_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "task_id", "round", "account_id", name=op.f("uq_draft_task_id_round_account_id")
        ),
    )
    op.create_index(op.f("ix_draft_account_id"), "draft", ["account_id"], unique=False)


def _make_skip() -> None:
    op.create_table(
        "skip",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.CheckConstraint("kind IN ('skip', 'later')", name=op.f("ck_skip_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_skip_account_id_account")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_skip_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skip")),
        sa.UniqueConstraint(
            "task_id", "round", "account_id", name=op.f("uq_skip_task_id_round_account_id")
        ),
    )
    op.create_index("ix_skip_account_id", "skip", ["account_id"], unique=False)


def _make_slot() -> None:
    op.create_table(
        "slot",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("opinions", sa.BigInteger(), nullable=False),
        sa.Column("holder", KEY, nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("returned_to", KEY, nullable=True),
        sa.Column("review_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('review', 'expert', 'gold')", name=op.f("ck_slot_kind")),
        sa.CheckConstraint("state IN ('open', 'done', 'closed')", name=op.f("ck_slot_state")),
        sa.ForeignKeyConstraint(["holder"], ["account.id"], name=op.f("fk_slot_holder_account")),
        sa.ForeignKeyConstraint(
            ["returned_to"], ["account.id"], name=op.f("fk_slot_returned_to_account")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_slot_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint(
            "task_id", "round", "holder", name=op.f("uq_slot_task_id_round_holder")
        ),
        sa.UniqueConstraint(
            "task_id", "round", "number", name=op.f("uq_slot_task_id_round_number")
        ),
    )
    op.create_index("ix_slot_best", "slot", ["state", "kind", "opinions", "priority"], unique=False)
    op.create_index(
        "ix_slot_best_of_queue",
        "slot",
        ["queue", "state", "kind", "opinions", "priority"],
        unique=False,
    )
    op.create_index("ix_slot_holder_state", "slot", ["holder", "state"], unique=False)
    op.create_index("ix_slot_returned_to", "slot", ["returned_to"], unique=False)


def _make_operation() -> None:
    op.create_table(
        "operation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("draft_id", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_operation_draft_id_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_operation_draft_id_number")),
        sa.UniqueConstraint(
            "draft_id", "operation_id", name=op.f("uq_operation_draft_id_operation_id")
        ),
    )


def _make_review() -> None:
    op.create_table(
        "review",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("draft_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("picked_id", sa.BigInteger(), nullable=True),
        sa.Column("active_ms", sa.BigInteger(), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("suggested", sa.BigInteger(), nullable=False),
        sa.Column("edits", sa.BigInteger(), nullable=False),
        sa.Column("gold_score", sa.Double(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('accept', 'reject', 'needs-better-atoms', 'cannot-decide')",
            name=op.f("ck_review_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_review_account_id_account")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_review_draft_id_draft")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_review_slot_id_slot")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_review_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("slot_id", "epoch", name=op.f("uq_review_slot_id_epoch")),
    )
    op.create_index("ix_review_account_id_at", "review", ["account_id", "at"], unique=False)
    op.create_index("ix_review_task_id", "review", ["task_id"], unique=False)


def _make_agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("first_id", KEY, nullable=False),
        sa.Column("second_id", KEY, nullable=False),
        sa.Column("same_verdict", sa.Boolean(), nullable=False),
        sa.Column("kappa", sa.Double(), nullable=True),
        sa.Column("iou", sa.Double(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["review.id"], name=op.f("fk_agreement_first_id_review")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["review.id"], name=op.f("fk_agreement_second_id_review")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_agreement_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_agreement_first_id_second_id")),
    )
    op.create_index(op.f("ix_agreement_task_id"), "agreement", ["task_id"], unique=False)
