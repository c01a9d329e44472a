"""Accounts and their secrets: passwords by Argon2id, sessions and tokens by their SHA-256."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from annotate.database.accounts_tables import ROLES
from annotate.database.audit import Caller, record
from annotate.database.errors import Refused
from annotate.database.tables import Account, Credential

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
PASSWORD_LENGTH = (8, 256)
TOKEN_PREFIX = "pw_"

_HASHER = PasswordHasher()
# Verified against when there is no such account, so that the answer takes as long either way.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new secret; it is shown once and kept nowhere."""

    credential_id: int
    secret: str
    expires_at: float


def add_account(
    session: Session, caller: Caller, *, name: str, role: str, password: str = "", now: float
) -> Account:
    """A new account, or a removed one brought back with the new role and password.

    Raises:
        Refused: `invalid` for a name, role or password that will not do, `name_taken`.
    """
    if not NAME.fullmatch(name):
        raise Refused("invalid", f"{name!r} is no name: 1 to 64 letters, digits or . _ @ -")
    if role not in ROLES:
        raise Refused("invalid", f"{role!r} is no role; there are {', '.join(ROLES)}")
    account = session.scalars(select(Account).where(Account.name == name)).one_or_none()
    if account is not None and account.active:
        raise Refused("name_taken", f"there is an account {name!r} already")
    hashed = hash_password(password) if password else ""
    if account is None:
        account = Account(name=name, created_at=now)
        session.add(account)
    account.role, account.password_hash, account.active = role, hashed, True
    session.flush()
    record(session, caller, action="account.add", now=now, detail={"name": name, "role": role})
    return account


def change_account(
    session: Session,
    caller: Caller,
    *,
    name: str,
    role: str | None = None,
    password: str | None = None,
    now: float,
) -> Account:
    """Another role or password; sessions end, so that the change holds at once."""
    account = by_name(session, name)
    if role is not None:
        if role not in ROLES:
            raise Refused("invalid", f"{role!r} is no role; there are {', '.join(ROLES)}")
        _keep_an_admin(session, account, role)
        account.role = role
    if password is not None:
        account.password_hash = hash_password(password)
    _void(session, account)
    changed = [key for key, value in (("role", role), ("password", password)) if value is not None]
    detail = {"name": name, "changed": changed}
    record(session, caller, action="account.change", now=now, detail=detail)
    return account


def remove_account(session: Session, caller: Caller, *, name: str, now: float) -> None:
    """Nobody comes in by this name any more; what was done under it stays attributed."""
    account = by_name(session, name)
    _keep_an_admin(session, account, "")
    account.active, account.password_hash = False, ""
    _void(session, account, kinds=("session", "token"))
    record(session, caller, action="account.remove", now=now, detail={"name": name})


def by_name(session: Session, name: str) -> Account:
    """An active account; `not_found` if there is none."""
    account = session.scalars(
        select(Account).where(Account.name == name, Account.active)
    ).one_or_none()
    if account is None:
        raise Refused("not_found", f"there is no account {name!r}")
    return account


def listing(session: Session) -> list[Account]:
    """All accounts that may come in, by name."""
    return list(session.scalars(select(Account).where(Account.active).order_by(Account.name)))


def hash_password(password: str) -> str:
    """Argon2id in its own encoding; `invalid` if the length will not do."""
    least, most = PASSWORD_LENGTH
    if not least <= len(password) <= most:
        raise Refused("invalid", f"a password has {least} to {most} characters")
    return _HASHER.hash(password)


def password_fits(account: Account | None, password: str) -> bool:
    """Whether `password` lets this account in; as slow for no account as for a wrong password."""
    hashed = account.password_hash if account is not None else ""
    try:
        _HASHER.verify(hashed or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(hashed)


def issue(
    session: Session,
    caller: Caller,
    *,
    account: Account,
    kind: str,
    seconds: float,
    label: str = "",
    now: float,
) -> Issued:
    """A new session or token of an account."""
    secret = (TOKEN_PREFIX if kind == "token" else "") + secrets.token_urlsafe(32)
    row = Credential(
        account_id=account.id,
        kind=kind,
        label=label,
        secret_hash=hash_secret(secret),
        created_at=now,
        expires_at=now + seconds,
    )
    session.add(row)
    session.flush()
    if kind == "token":
        detail = {"name": account.name, "label": label}
        record(session, caller, action="token.issue", now=now, detail=detail)
    return Issued(row.id, secret, row.expires_at)


def bearer(session: Session, secret: str, *, kind: str, now: float) -> Account | None:
    """The account that a secret stands for, if it is known, of this kind and not expired."""
    return session.scalars(
        select(Account)
        .join(Credential, Credential.account_id == Account.id)
        .where(
            Credential.secret_hash == hash_secret(secret),
            Credential.kind == kind,
            Credential.expires_at > now,
            Account.active,
        )
    ).one_or_none()


def revoke(session: Session, secret: str) -> None:
    """Void one secret."""
    session.execute(delete(Credential).where(Credential.secret_hash == hash_secret(secret)))


def tokens_of(session: Session, account_id: int) -> list[Credential]:
    """The tokens of an account, without their secrets, which nobody has."""
    query = select(Credential).where(
        Credential.account_id == account_id, Credential.kind == "token"
    )
    return list(session.scalars(query.order_by(Credential.id)))


def revoke_token(session: Session, caller: Caller, *, token_id: int, now: float) -> None:
    """Void one of the caller's own tokens; `not_found` for anybody else's."""
    row = session.get(Credential, token_id)
    if row is None or row.kind != "token" or row.account_id != caller.id:
        raise Refused("not_found", f"you have no token {token_id}")
    session.delete(row)
    record(session, caller, action="token.revoke", now=now, detail={"token": token_id})


def hash_secret(secret: str) -> str:
    """SHA-256 hex: enough for 256 random bits, and quick enough for every request."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _void(session: Session, account: Account, *, kinds: tuple[str, ...] = ("session",)) -> None:
    session.execute(
        delete(Credential).where(Credential.account_id == account.id, Credential.kind.in_(kinds))
    )


def _keep_an_admin(session: Session, account: Account, role: str) -> None:
    """The last admin who can log in must stay one, or nobody could let others in again."""
    if account.role != "admin" or role == "admin":
        return
    others = select(Account.id).where(
        Account.role == "admin", Account.active, Account.id != account.id
    )
    if session.scalar(others.limit(1)) is None:
        raise Refused("closed", f"{account.name!r} is the last admin; make another one first")
