"""What people and programs intend with accounts, one room for each intention."""

from acuse.accounts.service.api_tokens import ApiTokenService, NewApiToken
from acuse.accounts.service.browsers import BrowserService
from acuse.accounts.service.gate import Gate
from acuse.accounts.service.importing import ImportedUser, PeopleImport
from acuse.accounts.service.login import LoginService
from acuse.accounts.service.own_password import PasswordService
from acuse.accounts.service.people import PeopleService
from acuse.accounts.service.programs import ProgramService, TokenPair
from acuse.accounts.service.recovery import RecoveryService
from acuse.accounts.service.second_factor import Enrolment, SecondFactorService
from acuse.accounts.service.sessions import SessionService
from acuse.accounts.service.users import AccountsService, FirstAdmin

__all__ = [
    "AccountsService",
    "ApiTokenService",
    "BrowserService",
    "Enrolment",
    "FirstAdmin",
    "Gate",
    "ImportedUser",
    "LoginService",
    "NewApiToken",
    "PasswordService",
    "PeopleImport",
    "PeopleService",
    "ProgramService",
    "RecoveryService",
    "SecondFactorService",
    "SessionService",
    "TokenPair",
]
