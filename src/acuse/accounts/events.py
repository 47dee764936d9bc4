"""What happened to an account and may concern its owner. Ids only: events are logged."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class RefreshTokenReused(Event):
    """A spent refresh token came back outside its grace: its session was closed."""

    user_id: int


@dataclass(frozen=True)
class UserCreated(Event):
    """Somebody may now log in."""

    user_id: int


@dataclass(frozen=True)
class UserInvited(Event):
    """Somebody is to get a temporary password by mail. `version` is the token version at that moment."""

    user_id: int
    version: int


@dataclass(frozen=True)
class PasswordForgotten(Event):
    """Somebody says that they forgot their password. Whether there is such a user is found out afterwards."""

    recovery_id: int


@dataclass(frozen=True)
class PasswordChanged(Event):
    """The password was replaced, by its owner or by an administrator."""

    user_id: int


@dataclass(frozen=True)
class SecondFactorChanged(Event):
    """The second step of the login was turned on or off, by its owner or by an administrator."""

    user_id: int
    enabled: bool


@dataclass(frozen=True)
class AccountLocked(Event):
    """Failures from many addresses made the whole account wait."""

    user_id: int
