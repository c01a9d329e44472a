"""Tables of who may come in: accounts, sessions of browsers, tokens of programs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from annotate.database.base import Base, Key

ROLES = ("reviewer", "lead", "admin")


class Account(Base):
    """Somebody who reviews, leads or administers.

    Attributes:
        name: unique, as typed at login.
        role: one of `ROLES`.
        password_hash: Argon2id, empty where only tokens let this account in.
        active: false once removed; rows stay because decisions point to them.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('reviewer', 'lead', 'admin')", name="role"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[float]


class Credential(Base):
    """A secret that stands for an account, kept as its SHA-256: it is random, so that is enough.

    Attributes:
        kind: `session` (a browser's cookie) or `token` (a program's bearer token).
        label: what the owner calls a token.
        expires_at: after that it is void.
    """

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("kind IN ('session', 'token')", name="kind"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str]
    label: Mapped[str] = mapped_column(default="")
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
