"""JSON of accounts: login and its tokens, the caller, API tokens, and the administrator's users."""

from acuse.accounts.api import access, people

# What is called `me` or `roles` stands before what takes a number.
routers = (access.auth, access.older, access.own, people.users, people.reset, people.reports, access.tokens)

__all__ = ["routers"]
