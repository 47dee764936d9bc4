"""What every room stands on: time, settings, storage, jobs. Knows no country, no tax, no screen."""
