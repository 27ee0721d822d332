"""An identity number goes in, a token stays: searched for in every file of a home, packed or not, killed or not."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines import answers
from pipelines.nightly import Outcome
from tests.budget import THOROUGH
from tests.packages import NOW, claim, csv_bytes, good, identity, order, spell
from warehouse.home import Home
from warehouse.snapshot import open_snapshot

PEOPLE = [identity(number, born=f"19{50 + number % 40}0{1 + number % 9}15") for number in range(200, 260)]
BROKEN = [
    number[:-1] + ("1" if number[-1] != "1" else "2") for number in PEOPLE[:20]
]  # wrong check digit: no less a person


def everywhere(inbox: Path) -> None:
    """Identity numbers by every door: each format, good and bad cells, malformed lines, free text, witnesses, names."""
    people = iter(PEOPLE + BROKEN)

    def roll(count: int) -> list[dict[str, str]]:
        return [spell(n, id_number=next(people)) for n in range(1, count + 1)]

    good(platform="P01", enrollment=roll(6), claims=[claim(1, id_number=PEOPLE[0])]).folder(inbox)
    good(platform="P02", enrollment=roll(6), forms="csv.gz").zip(inbox)
    good(platform="P06", enrollment=roll(6), forms="parquet").zip(inbox, inside=True)
    good(platform="P08", enrollment=roll(6), encoding="gb18030").folder(inbox)
    rows = roll(6)
    text = csv_bytes("enrollment", rows).split(b"\n")
    text[2] += b",one more"
    text[3] = text[3].replace(b",oip,", b',"oip,')
    text[4] = text[4].replace(b",oip,", b",o\x00ip,")
    text[5] = text[5].replace(b"c5", b"\xff")
    good(platform="P01", province="110000", enrollment=rows, raw={"enrollment": b"\n".join(text)}).folder(
        inbox
    )
    good(platform="P01", province="330000", enrollment=[spell(1, id_number=f" {PEOPLE[30]}"), spell(2, id_number=PEOPLE[31].lower())],
         orders=[order(1, order_id="z1"), order(2, order_id="z2", accepted_at=PEOPLE[32])]).folder(inbox)  # fmt: skip
    refused = {"code": "other", "text": f"about {PEOPLE[33]} and {PEOPLE[34]}"}
    good(platform="P01", province="440000", sequence=2, reason=refused).folder(inbox)
    good(
        platform="P08", province="440000", change={"surprise": {"of": PEOPLE[35]}, "sequence": PEOPLE[36]}
    ).folder(inbox)
    (inbox / f"{PEOPLE[37]}.csv").write_text("x")
    (inbox / f"{PEOPLE[38]}.zip").write_text("x")
    cases = "case_no,platform_code,id_number,order_id,injured_at,received_at\n" + "".join(
        f"n{n},P01,{number},,2025-11-05 09:30:00,2025-11-05 12:00:00\n"
        for n, number in enumerate([*PEOPLE[40:44], *BROKEN[:3]])
    )
    cases += f"n9,P01,{PEOPLE[45]},,2025-11-05 09:30:00,2025-11-05 12:00:00,too many\nn10,P01,{PEOPLE[46]},,{PEOPLE[47]},2025-11-05 12:00:00\n"
    (inbox / "agency-cases-20251105.csv").write_text(cases)
    (inbox / f"disputes-{'20251105'}.csv").write_text(
        f"case_no,received_at,stage\nn1,{PEOPLE[49]},received\nn2,{PEOPLE[48]}\n"
    )
    pulse = {
        "platform_code": "P01",
        "province_code": "310000",
        "hour": "2025110510",
        "orders": PEOPLE[50],
        "rows_hash": PEOPLE[51],
    }
    (inbox / "pulse-P01-310000-2025110510.json").write_text(json.dumps(pulse))


def texts(path: Path) -> Iterator[str]:
    """Everything that can be read out of a file: its bytes, and what is packed in it."""
    data = path.read_bytes()
    yield data.decode("latin-1")
    if path.suffix == ".parquet":
        for column in pq.read_table(path).columns:
            yield "\n".join(map(str, column.to_pylist()))
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute(f"set file_search_path = '{path.parent.parent}'")
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            ).fetchall():
                yield "\n".join(map(str, connection.execute(f'select * from "{schema}"."{name}"').fetchall()))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield archive.read(info).decode("latin-1")


def found_in(home: Home, *, but: tuple[str, ...] = ()) -> list[str]:
    numbers = [number[:17] for number in PEOPLE + BROKEN]
    return [
        f"{path.relative_to(home.root)} holds {number[:6]}…"
        for path in sorted(home.root.rglob("*"))
        if path.is_file() and path.relative_to(home.root).parts[0] not in but
        for text in texts(path)
        for number in numbers
        if number in text or number in str(path)
    ]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table t as select ? as n", [PEOPLE[0]])
        connection.execute(f"copy t to '{home.lake}/t.parquet' (format parquet, compression zstd)")
    assert {line.split()[0] for line in found_in(home)} == {"lake/t.parquet", "warehouse.duckdb"}


def test_no_identity_number_stays_anywhere(
    home: Home, inbox: Path, night: Callable[[Home, Path, datetime], Outcome]
) -> None:
    everywhere(inbox)
    if THOROUGH:
        from pipelines.nightly import nightly

        outcome = nightly(home, inbox, now=NOW)  # Great Expectations and its Data Docs too
    else:
        outcome = night(home, inbox, NOW)
    assert not outcome.is_red and outcome.quarantined and outcome.refused
    assert not found_in(home)
    assert not any(number[:17] in str(outcome) for number in PEOPLE + BROKEN)
    with open_snapshot(home) as connection:
        told = [
            answers.findings(connection, answers.Filter()),
            answers.submissions(connection, answers.Filter()),
        ]
        for finding in told[0]:
            told.append(answers.evidence(connection, home, finding["finding_id"]).to_dicts())
            told.append(answers.source_lines(connection, home, finding["finding_id"], 50, "test"))
    assert not [number for number in PEOPLE + BROKEN if number[:17] in str(told)]
    with duckdb.connect(
        str(home.warehouse), read_only=True
    ) as connection:  # and yet they are there, as tokens
        persons = connection.execute(
            "select count(distinct person) from staging.enrollment where person is not null"
        ).fetchone()
    assert persons and persons[0] >= 20


KILLER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from pipelines import read
from pipelines.nightly import nightly
from warehouse.home import Home
real, count = read._type, [0]
def kill(*more):
    real(*more)
    count[0] += 1
    if count[0] == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
read._type = kill
nightly(Home(Path(sys.argv[1])), Path(sys.argv[2]), now=datetime(2025, 11, 6, 8), data_docs=False)
"""


@pytest.mark.parametrize("at", [1, 3] if THOROUGH else [1])
def test_killed_in_the_middle_of_reading_the_clear_copies_are_closed_and_then_gone(
    home: Home,
    inbox: Path,
    night: Callable[[Home, Path, datetime], Outcome],
    only_rules: Callable[..., None],
    at: int,
) -> None:
    everywhere(inbox)
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(home.root), str(inbox), str(at)], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert found_in(home), "the killed run left its work: otherwise this test shows nothing"
    assert not found_in(home, but=("work",))
    assert stat.S_IMODE(home.work.stat().st_mode) == 0o700
    only_rules("S01", "V01")
    night(home, inbox, NOW)
    assert not found_in(home)
    assert not os.listdir(home.work)  # noqa: PTH208
