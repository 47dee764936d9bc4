"""People: users, roles, passwords, sessions, API tokens, and the guards of everybody's routes."""

from acuse.accounts.errors import CredentialsInvalid, MustChangePassword, TokenRejected, UserNotFound
from acuse.accounts.model import Role, User
from acuse.accounts.rights import RIGHTS, Identity, Right, rights_markdown
from acuse.accounts.service import AccountsService, FirstAdmin, PeopleService, RecoveryService

__all__ = [
    "RIGHTS",
    "AccountsService",
    "CredentialsInvalid",
    "FirstAdmin",
    "Identity",
    "MustChangePassword",
    "PeopleService",
    "RecoveryService",
    "Right",
    "Role",
    "TokenRejected",
    "User",
    "UserNotFound",
    "rights_markdown",
]
