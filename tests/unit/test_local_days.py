"""On which local day does an instant fall, in the fold as in the aggregate?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.calendar import day_number, local_date
from hoso.projections.log.lives import local_days

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["Asia/Ho_Chi_Minh", "UTC", "Australia/Lord_Howe", "America/St_Johns"]
FROM_1880_TO_2037 = st.integers(-2_840_000_000, 2_140_000_000)
MOMENTS = FROM_1880_TO_2037.map(lambda seconds: EPOCH + timedelta(seconds=seconds))


def day_in_fold(moment: datetime, zone: str) -> int:
    instants = np.array([(moment - EPOCH) // timedelta(microseconds=1)])
    return int(local_days(instants, ZoneInfo(zone))[0])


@pytest.mark.parametrize("zone", ZONES)
@given(moment=MOMENTS)
def test_the_fold_and_the_aggregate_agree_on_the_day(zone: str, moment: datetime) -> None:
    assert day_in_fold(moment, zone) == day_number(local_date(moment, ZoneInfo(zone)))


def test_before_1906_vietnam_was_some_minutes_more_than_seven_hours_ahead() -> None:
    moment = datetime(1900, 1, 1, 16, 55, tzinfo=UTC)
    local = datetime(1900, 1, 2, tzinfo=UTC)
    assert day_in_fold(moment, "Asia/Ho_Chi_Minh") == day_number(local.date())
