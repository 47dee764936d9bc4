"""JSON of accounts: login and its tokens, the caller, API tokens, and the administrator's users."""

from acuse.accounts.api import access, people, second_factor, sessions

# What is called `me` or `roles` stands before what takes a number.
routers = (
    access.auth,
    access.older,
    second_factor.entrance,
    second_factor.own,
    sessions.own,
    access.own,
    people.users,
    second_factor.others,
    people.reset,
    people.reports,
    access.tokens,
)

__all__ = ["routers"]
