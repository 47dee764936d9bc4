"""Pages of accounts: coming in and going out, the password, Mi cuenta."""

from acuse.accounts.pages import account, entrance, password

routers = (entrance.router, entrance.appearance, password.router, account.router)

__all__ = ["routers"]
