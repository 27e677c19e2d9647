"""What time it is in the hospital: what the marts speak for is never taken from it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from orchestration.settings import Settings


def hospital_now(settings: Settings) -> datetime:
    """The moment by this machine's clock, in the hospital's time zone."""
    return datetime.now(ZoneInfo(settings.time_zone))
