"""What the night's orders say of each hour that a pulse (时报) speaks of: S11 compares the two.

A pulse's rows_hash covers the day up to an hour. Hashing each hour's prefix anew would read a day 12 times over and
hold it as text (10 million orders: 7 GB), and SQL cannot go on with a hash: so the hours are hashed here, in order.
"""

from __future__ import annotations

import hashlib

import duckdb

_LINES = """
    select
        extract(hour from accepted_at) as hour_no, count(*), min(serial), max(serial),
        string_agg(concat_ws(',', cast(serial as varchar), coalesce(order_id, ''), coalesce(worker_id, ''),
            cast(accepted_at as varchar)), chr(10) order by serial, order_id)
    from staging.orders
    where version_id = ? and cast(accepted_at as date) = business_date and {hours}
    group by 1 order by 1"""


def refresh(connection: duckdb.DuckDBPyConnection) -> int:
    """staging.pulse_night for the frame's units that have pulses, one row for each of 24 hours; returns the units.

    Grain: platform × province × business_date × hour. rows_hash ends its last line with a line feed, rows_hash_open does
    not (the standard leaves it open; S11 takes either).
    """
    connection.execute(
        "delete from staging.pulse_night t where exists (select 1 from build.frame f "
        "where f.platform_code = t.platform_code and f.business_date = t.business_date)"
    )
    units = connection.execute(
        """select u.platform_code, u.province_code, u.business_date, u.version_id
        from core.unit u join build.frame f on f.platform_code = u.platform_code and f.business_date = u.business_date
        where exists (select 1 from staging.pulse p where p.platform_code = u.platform_code
            and p.province_code = u.province_code and substr(p.hour, 1, 8) = strftime(u.business_date, '%Y%m%d'))
        order by all"""
    ).fetchall()
    for platform, province, day, version in units:
        rows = [(platform, province, day, *row) for row in _hours(connection, version)]
        connection.executemany("insert into staging.pulse_night values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(units)


def _hours(
    connection: duckdb.DuckDBPyConnection, version: str
) -> list[tuple[int, int, int | None, str, str]]:
    """(hour, orders so far, last serial so far, hash, hash without the last line feed) of 24 hours of one version."""
    found = {row[0]: row[1:] for row in connection.execute(_LINES.format(hours="true"), [version]).fetchall()}
    total, last, digest, text = 0, None, hashlib.sha256(), hashlib.sha256()
    result: list[tuple[int, int, int | None, str, str]] = []
    for hour in range(24):
        if hour in found:
            count, low, high, lines = found[hour]
            if (
                last is not None and low is not None and low <= last
            ):  # serials run against time: no prefix to go on from
                lines, digest = _together(connection, version, hour), hashlib.sha256()
            text = digest.copy()
            text.update(lines.encode())
            digest.update(lines.encode() + b"\n")
            total += count
            last = high if last is None or high is None else max(last, high)
        result.append((hour, total, last, digest.hexdigest(), text.hexdigest()))
    return result


def _together(connection: duckdb.DuckDBPyConnection, version: str, hour: int) -> str:
    """All rows up to an hour as one text, by serial."""
    query = _LINES.format(hours=f"extract(hour from accepted_at) <= {hour}").replace(
        "extract(hour from accepted_at) as hour_no,", "0 as hour_no,"
    )
    row = connection.execute(query, [version]).fetchone()
    return str(row[4]) if row else ""
