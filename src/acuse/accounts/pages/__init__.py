"""Pages of accounts: coming in and going out, the password, Mi cuenta, the administrator's users."""

from acuse.accounts.pages import account, entrance, password, people, recovery, second_factor

routers = (
    entrance.router,
    entrance.appearance,
    recovery.router,
    password.router,
    account.router,
    second_factor.router,
    people.router,
)

__all__ = ["routers"]
