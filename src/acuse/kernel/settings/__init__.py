"""Every setting typed, with unit, default and one line of help; a wrong value stops the start and names itself."""

from acuse.kernel.settings.core import CoreSettings
from acuse.kernel.settings.cron import Cron
from acuse.kernel.settings.group import Settings, generated_secret
from acuse.kernel.settings.reader import SettingsReader

__all__ = ["CoreSettings", "Cron", "Settings", "SettingsReader", "generated_secret"]
