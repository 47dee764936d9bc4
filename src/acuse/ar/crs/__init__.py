"""The certificates of fiscal controllers, handed out to resellers against a metered quota."""
