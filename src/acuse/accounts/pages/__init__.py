"""Pages of accounts: coming in and going out, the password, Mi cuenta, the administrator's users."""

from acuse.accounts.pages import account, entrance, password, people

routers = (entrance.router, entrance.appearance, password.router, account.router, people.router)

__all__ = ["routers"]
