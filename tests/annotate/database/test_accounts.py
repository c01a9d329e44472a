"""Accounts, passwords, sessions and tokens."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.database import accounts, audit
from annotate.database.audit import Caller
from annotate.database.connection import Database
from annotate.database.errors import Refused
from annotate.database.tables import Account, Credential

ROOT = Caller(None, name="system")
PASSWORD = "correct horse"


def add(database: Database, name: str, role: str = "reviewer", password: str = "") -> Account:
    with database.write() as session:
        return accounts.add_account(session, ROOT, name=name, role=role, password=password, now=1.0)


def test_a_password_fits_its_account_alone(database: Database) -> None:
    ann, bob = add(database, "ann", password=PASSWORD), add(database, "bob")
    assert ann.password_hash.startswith("$argon2id$") and PASSWORD not in ann.password_hash
    assert accounts.password_fits(ann, PASSWORD)
    for account, password in ((ann, PASSWORD + " "), (bob, ""), (bob, PASSWORD), (None, PASSWORD)):
        assert not accounts.password_fits(account, password)


@pytest.mark.parametrize(
    ("name", "role", "password", "code"),
    [
        ("ann", "reviewer", "", "name_taken"),
        ("", "reviewer", "", "invalid"),
        ("-x", "reviewer", "", "invalid"),
        ("<b>", "reviewer", "", "invalid"),
        ("a" * 65, "reviewer", "", "invalid"),
        ("bob", "owner", "", "invalid"),
        ("bob", "lead", "short", "invalid"),
        ("bob", "lead", "x" * 257, "invalid"),
    ],
)
def test_what_will_not_do(
    database: Database, name: str, role: str, password: str, code: str
) -> None:
    add(database, "ann")
    with pytest.raises(Refused) as refused:
        add(database, name, role, password)
    assert refused.value.code == code


def test_secrets_are_of_one_kind_and_end(database: Database) -> None:
    ann = add(database, "ann")
    with database.write() as session:
        issued = accounts.issue(
            session, ROOT, account=ann, kind="token", label="x", seconds=10, now=100.0
        )
        rows = session.scalars(select(Credential.secret_hash)).all()
    assert issued.secret.startswith("pw_") and len(issued.secret) > 43
    assert rows == [accounts.hash_secret(issued.secret)] and issued.secret not in rows
    with database.read() as session:

        def who(secret: str, kind: str, now: float) -> str | None:
            found = accounts.bearer(session, secret, kind=kind, now=now)
            return found.name if found else None

        assert who(issued.secret, "token", 109.9) == "ann"
        assert who(issued.secret, "token", 110.0) is None
        assert who(issued.secret, "session", 101.0) is None
        assert who(issued.secret[:-1], "token", 101.0) is None


def test_a_change_ends_sessions_and_keeps_tokens(database: Database) -> None:
    ann = add(database, "ann")
    with database.write() as session:
        secrets = {
            kind: accounts.issue(session, ROOT, account=ann, kind=kind, seconds=10, now=0.0).secret
            for kind in ("session", "token")
        }
        accounts.change_account(session, ROOT, name="ann", role="lead", now=1.0)
    with database.read() as session:
        assert accounts.bearer(session, secrets["session"], kind="session", now=1.0) is None
        found = accounts.bearer(session, secrets["token"], kind="token", now=1.0)
        assert found is not None and found.role == "lead"


def test_a_removed_account_can_come_back_without_its_secrets(database: Database) -> None:
    ann = add(database, "ann", password=PASSWORD)
    with database.write() as session:
        secret = accounts.issue(
            session, ROOT, account=ann, kind="token", seconds=10, now=0.0
        ).secret
        accounts.remove_account(session, ROOT, name="ann", now=1.0)
    with database.read() as session:
        assert accounts.bearer(session, secret, kind="token", now=1.0) is None
        assert accounts.listing(session) == []
        with pytest.raises(Refused):
            accounts.by_name(session, "ann")
    again = add(database, "ann", "lead")
    assert again.id == ann.id and again.role == "lead"
    assert not accounts.password_fits(again, PASSWORD)


def test_the_last_admin_stays(database: Database) -> None:
    add(database, "root", "admin")
    with database.write() as session:
        for change in (
            lambda: accounts.remove_account(session, ROOT, name="root", now=1.0),
            lambda: accounts.change_account(session, ROOT, name="root", role="lead", now=1.0),
        ):
            with pytest.raises(Refused) as refused:
                change()
            assert refused.value.code == "closed"
    add(database, "other", "admin")
    with database.write() as session:
        accounts.remove_account(session, ROOT, name="root", now=1.0)


def test_what_was_done_is_in_the_audit_trail_newest_first(database: Database) -> None:
    ann = add(database, "ann")
    caller = Caller(ann.id, "ann", "reviewer", "here")
    with database.write() as session:
        for number in range(5):
            audit.record(session, caller, action="task.claim", task_id=number, now=float(number))
        audit.record(session, caller, action="task.skip", now=9.0)
    with database.read() as session:
        rows = audit.page(session, action="task.", limit=3)
        older = audit.page(session, action="task.", before=rows[-1][0].id)
        assert [event.at for event, _ in (*rows, *older)] == [9, 4, 3, 2, 1, 0]
        assert {name for _, name in rows} == {"ann"} and rows[0][0].origin == "here"
        assert [event.task_id for event, _ in audit.page(session, task_id=2)] == [2]
        assert audit.page(session, action="task_") == []
        added = audit.page(session, action="account.add")
        assert added[0][0].detail == {"name": "ann", "role": "reviewer"} and added[0][1] is None
        assert len(audit.page(session, account_id=ann.id)) == 6
