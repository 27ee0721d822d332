"""The night: receive → read → load → build staging and core → check → build marts → check marts → seal → publish.

Packages are taken night by night in the order in which they became known, so that a backfill of many dates
raises what one call a night would have raised. What a night changes is committed in two transactions (rows,
then verdicts); between them `ops.pending_night` remembers what is owed. Detectors speak of complete nights only, in a third. A run may be killed anywhere and
called again: nothing committed is repeated, nothing uncommitted is believed.
"""

from __future__ import annotations

import json
import shutil
import time as clock_time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb

from checks import catalogue, detect, detectorbook, estimates
from checks import run as judge
from pipelines import load, publish, read, seal_night, totals, vault, witness
from pipelines.manifest import PublicKey, Registers
from pipelines.receive import CHINA, Candidate, Inbox, Package, Receiver, Unread, read_or_leave, scan
from warehouse import reference
from warehouse.build import create_empty
from warehouse.engine import connect
from warehouse.home import Home
from warehouse.parameters import load as load_parameters
from warehouse.standard import load as load_standard

SMALL_FRAME = 500_000  # rows below which rules run two at a time
CLOCK_REFUSED = "V04"  # refused only because the clock was early: judged again when it is met again


@dataclass
class Steps:
    """Seconds and rows of each step of a run, in the order first met; `tell` hears of each."""

    tell: Callable[[str, dict[str, object]], None] = lambda step, facts: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, **facts: object) -> Iterator[None]:
        begin = clock_time.perf_counter()
        self.tell(name, {"state": "begin", **facts})
        yield
        took = clock_time.perf_counter() - begin
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        self.tell(name, {"state": "end", "seconds": round(took, 3), **facts})


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `is_red`: a rule or a tool of ours crashed."""

    run_id: str
    packages: int
    nights: int
    refused: int
    quarantined: int
    findings: int
    is_red: bool
    errors: tuple[str, ...]
    snapshot: str | None
    seconds: dict[str, float]
    ignored: tuple[str, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """What the night takes from parameters; hours and minutes as they stand in force at the run's clock."""

    deadline: timedelta
    future_tolerance: timedelta

    @classmethod
    def at(cls, day: date) -> Settings:
        values = {p.id: p.at(day) for p in load_parameters()}
        deadline, tolerance = values["submission_deadline"], values["future_tolerance"]
        if deadline is None or deadline.number is None or tolerance is None or tolerance.number is None:
            raise ValueError(f"no submission_deadline or future_tolerance in force on {day}")
        return cls(timedelta(hours=float(deadline.number)), timedelta(minutes=float(tolerance.number)))


def init(home: Home) -> None:
    """Create a home: folders, keys, registers, empty warehouse; idempotent."""
    prepare(home)
    with connect(home.warehouse, spill=home.work / "spill") as connection:
        create_empty(connection, home.registers)


def prepare(home: Home) -> None:
    """The files of a home without its database: folders, keys, registers, profile; idempotent."""
    home.create()
    vault.ensure_keys(home)
    reference.seed(home.registers)
    profile = home.root / "profile"
    if not profile.exists():
        profile.write_text("evaluation\n", encoding="utf-8")


def allows_test_area(home: Home) -> bool:
    """Identity numbers of the unassigned area 99 are for samples and tests; a production profile refuses them."""
    profile = home.root / "profile"
    return not profile.exists() or profile.read_text(encoding="utf-8").strip() != "production"


def nightly(
    home: Home,
    inbox: Path,
    *,
    now: datetime | None = None,
    steps: Steps | None = None,
    data_docs: bool = True,
) -> Outcome:
    """Take everything complete in the inbox into the home and publish; `now` (wall time) makes it a replay."""
    steps = steps or Steps()
    live = now is None
    at = datetime.now(CHINA).replace(tzinfo=None, microsecond=0) if now is None else now
    started = datetime.now(CHINA).replace(tzinfo=None)
    found = scan(inbox, {name: e.file_pattern or "" for name, e in load_standard().witness_files.items()})
    with home.lock(), _empty_work(home):
        prepare(home)
        if data_docs:
            from checks import gx

            gx.preload()
        with connect(home.warehouse, spill=home.work / "spill") as connection:
            hashes = create_empty(connection, home.registers)
            load.forget_orphans(connection, home)
            night = Night(home, connection, at, live, steps, Settings.at(at.date()))
            night.finish_pending()
            packages, witnesses = night.receive(found.packages, found.witnesses)
            nights = night.take(packages, witnesses)
            judge.list_rules(connection, night.rules)
            detectorbook.list_detectors(connection)
            with steps.step("marts"):
                publish.build_marts(connection, home)
            with steps.step("estimate"):
                estimates.night(connection)
            with steps.step("check marts"):
                night.judge_marts()
                errors = list(night.errors)
                if data_docs:
                    errors += _judge_with_gx(connection, home, at.date(), night.first)
            with steps.step("seal"):
                seal_night.seal(connection, home, at)
            with steps.step("publish"):
                snapshot = publish.publish(connection, home)
            outcome = night.outcome(packages, nights, errors, snapshot, found)
            _record(connection, home, outcome, started, at, live, hashes, night.rule_seconds)
    return outcome


@contextmanager
def _empty_work(home: Home) -> Iterator[None]:
    """The work folder holds originals in clear while they are read: nobody else's to see, and gone before and after."""
    shutil.rmtree(home.work, ignore_errors=True)
    home.work.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(home.work, ignore_errors=True)
        home.work.mkdir(mode=0o700, exist_ok=True)


@dataclass
class Night:
    """One run over one open warehouse."""

    home: Home
    connection: duckdb.DuckDBPyConnection
    now: datetime
    live: bool
    steps: Steps
    settings: Settings
    rules: tuple[catalogue.Rule, ...] = field(default_factory=catalogue.load)
    errors: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    first: date | None = None  # the first night that this run judged with rows
    rule_seconds: dict[str, float] = field(default_factory=dict)

    # -- receive -----------------------------------------------------------------------------------

    def receive(
        self, packages: Sequence[Candidate], witnesses: Sequence[Candidate]
    ) -> tuple[list[Package], list[witness.Witness]]:
        """Verify and archive what was not seen before, as it lies in the inbox now."""
        with self.steps.step("receive", packages=len(packages), witnesses=len(witnesses)):
            seen = set(self.connection.execute("select name, fingerprint from staging.seen").fetchall())
            fresh = [c for c in packages if (c.name, c.fingerprint) not in seen]
            receiver = self._receiver()
            with ThreadPoolExecutor(max_workers=2) as pool:
                tried = list(pool.map(lambda candidate: read_or_leave(candidate, receiver.receive), fresh))
            self.unreadable += [str(left) for left in tried if isinstance(left, Unread)]
            received = [package for package in tried if not isinstance(package, Unread)]
            known = {
                version
                for (version,) in self.connection.execute(
                    "select version_id from staging.package p where not exists (select 1 from staging.package_fault f "
                    "where f.version_id = p.version_id and f.rule_id = ?)", [CLOCK_REFUSED],
                ).fetchall()
            }  # fmt: skip
            new: dict[str, Package] = {}
            for package in received:
                if package.version_id not in known:
                    new.setdefault(package.version_id, package)
            self._marks: dict[
                str, list[tuple[str, str, str]]
            ] = {}  # a folder and a zip may bring the same version
            for got, candidate in zip(tried, fresh, strict=True):
                if not isinstance(got, Unread):
                    self._marks.setdefault(got.version_id, []).append(
                        (candidate.name, candidate.fingerprint, got.version_id)
                    )
            self._saw_all([mark for version in known & set(self._marks) for mark in self._marks[version]])
            standard = load_standard()
            files = []
            for candidate in witnesses:
                if (candidate.name, candidate.fingerprint) in seen:
                    continue
                file = read_or_leave(
                    candidate,
                    lambda c: witness.receive(
                        self.home, c, standard.witness_files, now=self.now, live=self.live
                    ),
                )
                if isinstance(file, Unread):
                    self.unreadable.append(str(file))
                else:
                    files.append(file)
            taken = set(
                self.connection.execute(
                    "select file, digest from staging.witness_file where is_current"
                ).fetchall()
            )
            self._witness_marks = {c.name: c.fingerprint for c in witnesses}
            return list(new.values()), [w for w in files if (w.name, w.digest) not in taken]

    def _receiver(self) -> Receiver:
        held = self.connection.execute(
            "select platform_code, list(distinct credit_code) from ref.platform group by 1 "
            "union all select submitter_code, list(distinct credit_code) from ref.submitters group by 1"
        ).fetchall()
        keys = self.connection.execute(
            "select platform_code, key_id, public_key, valid_from, valid_to from ref.platform_keys"
        ).fetchall()
        provinces = self.connection.execute("select province_code from ref.province").fetchall()
        registers = Registers(
            load_standard(), {code: frozenset(credits) for code, credits in held}, frozenset(code for (code,) in provinces),
            [PublicKey(*key) for key in keys], self.now, self.settings.future_tolerance,
        )  # fmt: skip
        return Receiver(self.home, registers)

    def _saw_all(self, marks: Sequence[tuple[str, str, str]]) -> None:
        """Remember (name, fingerprint, version) of what lies in the inbox, so that it is not read again."""
        if marks:
            self.connection.execute(
                "delete from staging.seen where list_contains(?::varchar[], name)",
                [[name for name, _, _ in marks]],
            )
            columns = [list(column) for column in zip(*marks, strict=True)]
            self.connection.execute(
                "insert into staging.seen select unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])",
                columns,
            )

    # -- night by night ----------------------------------------------------------------------------

    def take(self, packages: Sequence[Package], witnesses: Sequence[witness.Witness]) -> int:
        """Load and judge, one night after another; returns the number of nights that brought something."""
        groups: dict[date, tuple[list[Package], list[witness.Witness]]] = {}
        for package in packages:
            groups.setdefault(self._night_of(package.known_at(live=self.live)), ([], []))[0].append(package)
        for file in witnesses:
            groups.setdefault(self._night_of(file.known_at), ([], []))[1].append(file)
        row = self.connection.execute("select max(night) from checks.verdict").fetchone()
        last: date | None = row[0] if row else None
        detected = self._last_detected()
        for night in sorted(groups):
            self._detect_until(night - timedelta(days=1))
            if last is not None and night - last > timedelta(days=1):
                self._judge(night - timedelta(days=1), self._deadline(night - timedelta(days=1)), frame=False)
            if groups[night][0]:
                self._read_and_load(night, groups[night])
            else:
                self._load(night, [], None, groups[night][1])
            self.finish_pending()
            last = night
        complete = (
            self._night_of(self.now) - timedelta(days=1)
            if self._deadline(self._night_of(self.now)) > self.now
            else self._night_of(self.now)
        )
        if last is not None and complete > last:
            self._judge(complete, self.now, frame=False)
        self._detect_until(
            complete, again=detected is not None and any(night <= detected for night in groups)
        )
        return len(groups)

    def _detect_until(self, until: date, *, again: bool = False) -> None:
        """Detect on every complete night that was not yet detected on, each with what was known by then.

        `again`: what came late for nights already detected on is judged with the last of them once more.
        """
        night = self._last_detected()
        if night is None:
            first = self.connection.execute(
                "select min(night) from staging.package where not is_refused"
            ).fetchall()[0][0]
            if first is None:
                return
            night = first - timedelta(days=1)
        if again and night >= until:
            night = until - timedelta(days=1)
        while night < until:
            night += timedelta(days=1)
            with self.steps.step("detect", night=str(night)):
                self._detect(night)

    def _last_detected(self) -> date | None:
        found: date | None = self.connection.execute("select max(night) from ops.detected_night").fetchall()[
            0
        ][0]
        return found

    def _night_of(self, known: datetime) -> date:
        return load.night_of(known, self.settings.deadline)

    def _deadline(self, night: date) -> datetime:
        return datetime.combine(night + timedelta(days=1), time()) + self.settings.deadline

    def _read_and_load(self, night: date, group: tuple[list[Package], list[witness.Witness]]) -> None:
        packages = sorted(
            group[0],
            key=lambda p: (
                p.platform_code or "",
                p.business_date or date.min,
                p.province_code or "",
                p.sequence or 0,
                p.version_id,
            ),
        )
        readable = [package for package in packages if not package.refused]
        batch = None
        if readable:
            label = f"{night:%Y%m%d}-{publish.digest_of(p.version_id for p in readable)[:16]}"
            with self.steps.step("read", night=str(night), packages=len(readable)):
                batch = read.read(
                    self.connection, readable, list(load_standard().extracts.values()), lake=self.home.lake, label=label,
                    work=self.home.work, token_key=vault.key(self.home, "token"),
                    test_area=allows_test_area(self.home),
                )  # fmt: skip
                batch.packages = totals.compare(self.connection, batch)
            judged = {package.version_id: package for package in batch.packages}
            packages = [judged.get(package.version_id, package) for package in packages]
        self._load(night, packages, batch, group[1])

    def _load(
        self, night: date, packages: list[Package], batch: read.Batch | None, witnesses: list[witness.Witness]
    ) -> None:
        """One transaction: rows of this night in staging and core, and the promise to judge them."""
        with self.steps.step("load and build", night=str(night), packages=len(packages)):
            vault.settle()
            self.connection.execute("begin")
            load.register(
                self.connection, self.home, packages, batch, live=self.live, deadline=self.settings.deadline
            )
            witness.register(
                self.connection, witnesses, token_key=vault.key(self.home, "token"), today=self.now.date(),
                test_area=allows_test_area(self.home), received_at=self.now, night=night,
            )  # fmt: skip
            self._saw_all(
                [
                    (file.name, self._witness_marks[file.name], file.digest)
                    for file in witnesses
                    if not file.is_early
                ]
            )
            self._saw_all(
                [
                    mark
                    for package in packages
                    if not package.is_early
                    for mark in self._marks[package.version_id]
                ]
            )
            pulses = [file.name for file in witnesses if file.extract.table == "pulse"]
            load.rebuild(self.connection, self.home, [package.version_id for package in packages], pulses)
            self.connection.execute(
                "insert into build.marts_frame select * from build.frame f where not exists (select 1 from build.marts_frame m "
                "where m.platform_code = f.platform_code and m.business_date = f.business_date)"
            )
            self.connection.execute(
                "insert into ops.pending_night values (?, ?, ?)",
                [night, min(self.now, self._deadline(night)), self.live],
            )
            self.connection.execute("commit")

    def finish_pending(self) -> None:
        """Judge the night whose rows are in but whose verdicts are not (this run's, or a killed one's)."""
        for night, at, live in self.connection.execute(
            "select night, now, is_live from ops.pending_night"
        ).fetchall():
            load.set_lake_views(self.connection, self.home)
            self.first = min(self.first or night, night)
            self._judge(night, at, frame=True, live=live)

    def _judge(self, night: date, at: datetime, *, frame: bool, live: bool | None = None) -> None:
        """Run the rules and merge what they say; without a frame only what the clock alone can change."""
        with self.steps.step("check", night=str(night)):
            if not frame:
                self.connection.execute("delete from build.frame")
                load.set_lake_views(self.connection, self.home)
            # nothing to rebuild (witnesses alone, or a gap): only what the clock and the witnesses can change
            frame = bool(self.connection.execute("select 1 from build.frame limit 1").fetchall())
            self.connection.execute("delete from checks.clock")
            self.connection.execute(
                "insert into checks.clock values (?, ?, ?)", [at, night, self.live if live is None else live]
            )
            rules = [r for r in self.rules if not catalogue.reads_marts(r) and (frame or not _is_framed(r))]
            row = self.connection.execute(
                "select coalesce(sum(v.row_count), 0) from staging.lake_version v join build.frame_version f "
                "on f.version_id = v.version_id and f.extract = v.extract"
            ).fetchone()
            small = row is not None and row[0] < SMALL_FRAME
            results = judge.run(
                self.connection, rules, self.home.evidence, clock=clock_time.perf_counter, side_by_side=small
            )
            self._note(results)
            self.connection.execute("begin")
            judge.merge(self.connection, results, night=night, home=self.home.root)
            self.connection.execute("delete from ops.pending_night where night = ?", [night])
            self.connection.execute("commit")

    def _detect(self, night: date) -> None:
        """What the rows do not say but their patterns do; one transaction."""
        self.connection.execute("begin")
        found = detect.night(
            self.connection, night, self.home.root, self.home.evidence, clock_time.perf_counter
        )
        self.connection.execute("delete from ops.detected_night")
        self.connection.execute("insert into ops.detected_night values (?)", [night])
        self.connection.execute("commit")
        if found is not None:
            self.errors += [f"{name}: {error}" for name, error in found.errors.items()]
            for name, seconds in found.seconds.items():
                self.rule_seconds[name] = self.rule_seconds.get(name, 0.0) + seconds

    def judge_marts(self) -> None:
        """Run the rules that read marts or releases, now that they stand; the frame is that of the whole call."""
        clock = self.connection.execute("select night from checks.clock").fetchone()
        if clock is None:
            return  # nothing was ever judged
        rules = [rule for rule in self.rules if catalogue.reads_marts(rule)]
        results = judge.run(self.connection, rules, self.home.evidence, clock=clock_time.perf_counter)
        if not results:
            return
        self._note(results)
        self.connection.execute("begin")
        judge.merge(self.connection, results, night=clock[0], home=self.home.root)
        self.connection.execute("commit")

    def _note(self, results: Sequence[judge.Result]) -> None:
        for result in results:
            seconds = self.rule_seconds.get(result.rule.id, 0.0) + result.seconds
            self.rule_seconds[result.rule.id] = seconds
            if result.error is not None:
                self.errors.append(f"{result.rule.id}: {result.error}")

    # -- the end -----------------------------------------------------------------------------------

    def outcome(
        self,
        packages: Sequence[Package],
        nights: int,
        errors: Sequence[str],
        snapshot: str | None,
        found: Inbox,
    ) -> Outcome:
        def count(query: str) -> int:
            row = self.connection.execute(query).fetchone()
            return int(row[0]) if row else 0

        crashed = count("select count(*) from checks.verdict where outcome = 'error'")
        return Outcome(
            run_id=f"{datetime.now(CHINA):%Y%m%dT%H%M%S}",
            packages=len(packages),
            nights=nights,
            refused=count("select count(*) from staging.submission where status = 'refused'")
            + count("select count(*) from staging.witness_file where is_refused"),
            quarantined=count("select count(*) from staging.quarantine q where exists (select 1 from staging.submission s where s.version_id = q.version_id and s.status = 'accepted') or q.platform_code is null")
            + count("select count(*) from checks.finding where consequence = 'quarantine' and status = 'open'"),
            findings=count("select count(*) from checks.finding where status = 'open'"),
            is_red=bool(errors) or crashed > 0,
            errors=tuple(errors),
            snapshot=snapshot,
            seconds=dict(self.steps.seconds),
            ignored=found.ignored,
            unreadable=(*found.unreadable, *self.unreadable),
        )  # fmt: skip


def _is_framed(rule: catalogue.Rule) -> bool:
    from warehouse.build import framed

    return bool(rule.reads & framed())


def _judge_with_gx(
    connection: duckdb.DuckDBPyConnection, home: Home, day: date, since: date | None
) -> list[str]:
    """Great Expectations over the frame of the whole call and the verdicts of its nights; its crashes are ours."""
    from checks import gx

    report = gx.judge(
        connection, standard=load_standard(), rules=catalogue.load(), folder=home.reports / "data-docs", night=day,
        since=since or day, quiet=since is None,
    )  # fmt: skip
    return [str(error) for error in report.errors]


def _record(
    connection: duckdb.DuckDBPyConnection, home: Home, outcome: Outcome, started: datetime, at: datetime, live: bool,
    hashes: dict[str, str], rule_seconds: dict[str, float],
) -> None:  # fmt: skip
    """The run record: steps, rows, times, versions of code, rules, parameters and registers."""
    finished = datetime.now(CHINA).replace(tzinfo=None)
    ruleset = publish.digest_of(f"{rule.id} {rule.version} {rule.sql}" for rule in catalogue.load())
    row = connection.execute(
        "select coalesce(sum(row_count), 0) from staging.lake_version where extract = 'orders'"
    ).fetchone()
    from importlib.metadata import version

    record = {
        "run_id": outcome.run_id, "started_at": str(started), "finished_at": str(finished), "now": str(at), "is_live": live,
        "nights": outcome.nights, "packages": outcome.packages, "order_rows_in_lake": int(row[0]) if row else 0,
        "code_version": version("zhibao"), "ruleset": ruleset, "parameters": hashes.get("parameters"), "registers": hashes,
        "steps": {name: round(seconds, 3) for name, seconds in outcome.seconds.items()}, "snapshot": outcome.snapshot,
        "rule_seconds": {rule: round(seconds, 3) for rule, seconds in rule_seconds.items()},
        "refused": outcome.refused, "quarantined": outcome.quarantined, "findings": outcome.findings,
        "errors": list(outcome.errors), "ignored": list(outcome.ignored),
        "unreadable": list(outcome.unreadable),
    }  # fmt: skip
    connection.execute(
        "insert into ops.run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [outcome.run_id, started, finished, at, live, outcome.nights, outcome.packages, record["order_rows_in_lake"],
         record["code_version"], ruleset, hashes.get("parameters"), json.dumps(hashes), json.dumps(record["steps"]),
         outcome.snapshot, outcome.is_red],
    )  # fmt: skip
    (home.logs / f"run-{outcome.run_id}.json").write_text(
        json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8"
    )
