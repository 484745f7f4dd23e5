"""Time series: one report that holds many samples becomes one TimeSeriesSegment document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mfgstd.errors import InputError
from mfgstd.language import Text
from mfgstd.models import TimeSeriesSegment
from mfgstd_adapters.mtconnect.reports import exact
from mfgstd_adapters.mtconnect.reports.moments import timestamp

if TYPE_CHECKING:
    from mfgstd_adapters.mtconnect.model.devices import Item


def segment(
    item: Item, *, nanoseconds: int, rate: float | None, values: str, source: str, native: bool
) -> TimeSeriesSegment:
    """Read one time series.

    Args:
        item: what it is of.
        nanoseconds: when the *last* sample was taken, which is what MTConnect stamps (MTConnect
            observation model, TimeSeries); ours says when the first one was.
        rate: samples in a second; without it nobody knows when the earlier ones were taken.
        values: the samples, white space between them.
        source: the source as rows name it.
        native: whether the samples are in the unit of the machine.

    Raises:
        InputError: a sample is not a number, or there is none.
    """
    try:
        numbers = np.array(values.split(), np.float64)
    except ValueError:
        numbers = np.array([np.nan])
    if not len(numbers) or not np.isfinite(numbers).all():
        raise InputError(
            Text(
                "The time series holds something that is not a number, or nothing.",
                "시계열에 숫자가 아닌 값이 있거나 값이 없습니다.",
            )
        )
    if native:
        numbers = exact.apply(item.conversion, pa.array(values.split()), numbers)
    document: dict[str, Any] = {
        "dataItem": item.identity,
        "values": numbers.tolist(),
        "quality": {"status": "good"},
        "source": source,
        "native": {"value": values},
    }
    if said := (item.native_units or item.units) if native else item.units:
        document["native"]["unit"] = said
    start = nanoseconds
    if rate is not None and 0 < rate < 1e9:
        document["samplingInterval"] = 1 / rate
        start -= round((len(numbers) - 1) * 1e9 / rate)
    document["start"] = timestamp(start)
    if item.unit:
        document["unit"] = item.unit
    return TimeSeriesSegment.from_json(document)
