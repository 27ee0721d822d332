"""The command line: parse, call, print; nothing else."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from warehouse.home import Home, HomeBusy

DONE, INTERNAL, USAGE, FINDINGS, REFUSED, DISCLOSURE, BUSY, STORAGE = range(8)
STORAGE_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EMFILE,
    errno.EFBIG,
)
STORAGE_SIGNS = (
    "Could not write",
    "Could not sync",
    "Could not truncate",
    "No space left",
    "File too large",
    "Disk quota exceeded",
)


class Moment(click.ParamType):
    """A timestamp; without offset it is Asia/Shanghai. Becomes Asia/Shanghai wall time."""

    name = "timestamp"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from pipelines.receive import CHINA

        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a timestamp (expected 2025-11-06T08:00:00 or 2025-11-06T08:00:00+08:00)",
                param,
                ctx,
            )
        return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo else moment


class Day(click.ParamType):
    """A business date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date (expected YYYY-MM-DD)", param, ctx)


def home_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--home", "home", default="./zhibao-home", envvar="ZHIBAO_HOME", show_default=True,
                        help="The installation's folder (or ZHIBAO_HOME).", callback=lambda c, p, v: Home(Path(v).resolve()))(function)  # fmt: skip


def format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
    )(function)


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--as-known-at", type=Moment(), help="Read the state that was known at this time."),
        click.option("--to", "date_to", type=Day(), help="Last business date."),
        click.option("--from", "date_from", type=Day(), help="First business date."),
        click.option(
            "--province", "provinces", multiple=True, help="Province code; repeat or separate by commas."
        ),
        click.option(
            "--platform", "platforms", multiple=True, help="Platform code; repeat or separate by commas."
        ),
    ):
        function = option(function)
    return function


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


@contextmanager
def _state(home: Home, moment: datetime | None) -> Iterator[Any]:
    """The published snapshot, or a past state."""
    if moment is None:
        from warehouse.snapshot import open_snapshot

        connection = open_snapshot(home)
        try:
            yield connection
        finally:
            connection.close()
    else:
        from pipelines.past import as_known_at

        with as_known_at(home, moment) as connection:
            yield connection


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zhibao")
def cli() -> None:
    """职保: supervision and statistics for the occupational-injury protection of platform workers.

    Example: zhibao nightly --inbox ./inbox --home ./zhibao-home
    """


@cli.command()
@home_option
def init(home: Home) -> None:
    """Create a home: keys, registers, empty warehouse. Idempotent.

    Example: zhibao init --home ./zhibao-home
    """
    from pipelines import nightly

    with home.lock():
        nightly.init(home)
    click.echo(f"{home.root}: ready; registers to edit lie in {home.registers}", err=True)


@cli.command()
@home_option
@click.option(
    "--inbox", required=True, type=click.Path(path_type=Path), help="Folder of submissions and witness files."
)
@click.option("--now", type=Moment(), help="The clock for lateness and expectations: makes the run a replay.")
@click.option("--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True)
@click.option(
    "--data-docs/--no-data-docs",
    default=True,
    show_default=True,
    help="Run Great Expectations and build its Data Docs.",
)
@format_option
def nightly(home: Home, inbox: Path, now: datetime | None, engine: str, data_docs: bool, form: str) -> None:
    """The main job: take every complete submission in the inbox, validate, check, publish.

    Safe to repeat and to kill. Exit: 0 clean, 3 with findings, 4 something was refused or quarantined, 1 a rule crashed.

    Example: zhibao nightly --inbox ./inbox --now 2025-11-06T08:00:00+08:00
    """
    from pipelines import show
    from pipelines.nightly import Steps
    from pipelines.nightly import nightly as run

    outcome = run(home, inbox, now=now, steps=Steps(show.tell), data_docs=data_docs)
    facts = {
        "run": outcome.run_id, "snapshot": outcome.snapshot, "nights": outcome.nights, "packages": outcome.packages,
        "refused": outcome.refused, "quarantined": outcome.quarantined, "open_findings": outcome.findings,
        "seconds": round(sum(outcome.seconds.values()), 2), "errors": list(outcome.errors), "ignored": list(outcome.ignored),
    }  # fmt: skip
    show.records([facts], form)
    for error in outcome.errors:
        click.echo(f"error: {error}", err=True)
    for left in outcome.unreadable:
        click.echo(f"error: storage: {left}; it is left for the next run", err=True)
    if outcome.is_red:
        sys.exit(INTERNAL)
    if outcome.unreadable:
        sys.exit(STORAGE)
    if outcome.refused or outcome.quarantined:
        sys.exit(REFUSED)
    if outcome.findings:
        sys.exit(FINDINGS)


@cli.command()
@click.argument("package", type=click.Path(exists=True, path_type=Path))
@home_option
@click.option("--now", type=Moment(), help="The clock (default: now).")
@format_option
def check(package: Path, home: Home, now: datetime | None, form: str) -> None:
    """A platform's self-check before filing: the rules that need only this package. Nothing is stored.

    Example: zhibao check ./P02-310000-20251001-1
    """
    from pipelines import show
    from pipelines.self_check import check as run

    found = run(package, home if home.exists() else None, now)
    show.records(found, form, ("rule_id", "consequence", "violations", "title_zh", "title_en", "reasons"))
    if any(record["consequence"] in ("refuse", "quarantine") for record in found):
        sys.exit(REFUSED)
    if found:
        sys.exit(FINDINGS)


@cli.command()
@home_option
@filter_options
@click.option(
    "--status", "statuses", multiple=True, help="accepted, accepted_with_warnings, refused, superseded."
)
@format_option
def submissions(home: Home, platforms: tuple[str, ...], provinces: tuple[str, ...], date_from: date | None, date_to: date | None,
                as_known_at: datetime | None, statuses: tuple[str, ...], form: str) -> None:  # fmt: skip
    """What was handed in: every version of every package, and what became of it.

    Example: zhibao submissions --platform P02 --from 2025-10-01 --format json
    """
    from pipelines import answers, show

    wanted = answers.Filter(_split(platforms), _split(provinces), date_from, date_to, (), _split(statuses))
    with _state(home, as_known_at) as connection:
        rows = answers.submissions(connection, wanted)
    show.records(rows, form, ("submission", "status", "rows", "quarantined", "submitted_at", "reasons"))


@cli.command()
@home_option
@filter_options
@click.option("--rule", "rules", multiple=True, help="Rule or detector id.")
@click.option("--status", "statuses", multiple=True, help="open, resolved, …")
@format_option
def findings(home: Home, platforms: tuple[str, ...], provinces: tuple[str, ...], date_from: date | None, date_to: date | None,
             as_known_at: datetime | None, rules: tuple[str, ...], statuses: tuple[str, ...], form: str) -> None:  # fmt: skip
    """What the rules found: leads, not verdicts.

    Example: zhibao findings --rule X01,C07 --status open
    """
    from pipelines import answers, show

    wanted = answers.Filter(
        _split(platforms), _split(provinces), date_from, date_to, _split(rules), _split(statuses)
    )
    with _state(home, as_known_at) as connection:
        rows = answers.findings(connection, wanted)
    show.records(rows, form, ("finding_id", "rule_id", "consequence", "status", "platform_code", "province_code", "period_from", "violations", "amount_yuan", "title_zh"))  # fmt: skip


@cli.command()
@home_option
@click.option("--rule", "rules", multiple=True, help="Rule id.")
@click.option("--as-known-at", type=Moment(), help="Read the state that was known at this time.")
@click.option(
    "--page", type=click.Choice(["zh", "en"]), help="The whole catalogue as a Markdown page instead."
)
@format_option
def rules(
    home: Home, rules: tuple[str, ...], as_known_at: datetime | None, page: str | None, form: str
) -> None:
    """The rule catalogue: basis, grade, consequence, parameters, and how often each rule fired.

    Example: zhibao rules --rule X01,C07
    """
    from checks import rulebook
    from pipelines import rulings, show

    with _state(home, as_known_at) as connection:
        rows = rulings.rules(connection, _split(rules))
    if page:
        fired = {(row["rule_id"], row["rule_version"]): row for row in rows}
        click.echo(rulebook.render(page, [r for r in rulebook.load() if not rules or (r.id, r.version) in fired], fired), nl=False)  # fmt: skip
        return
    show.records(rows, form, ("rule_id", "title_zh", "consequence", "weakest_grade", "is_on", "findings_open", "violations_open", "amount_yuan", "cells_pass", "cells_hit", "cells_not_applicable", "cells_skipped", "cells_error"))  # fmt: skip


@cli.command()
@home_option
@click.option("--detector", "detectors", multiple=True, help="Detector id.")
@click.option(
    "--page", type=click.Choice(["zh", "en"]), help="The whole catalogue as a Markdown page instead."
)
@format_option
def detectors(home: Home, detectors: tuple[str, ...], page: str | None, form: str) -> None:
    """The detectors in words: what each looks at, when it errs, what to ask; and what it could say last night.

    Example: zhibao detectors --page zh
    """
    from checks import detectorbook
    from pipelines import rulings, show

    with _state(home, None) as connection:
        rows = rulings.detectors(connection, _split(detectors))
    if page:
        told = {row["detector"]: row for row in rows}
        heads = [m.header for m in detectorbook.load() if m.header.id in told]
        click.echo(detectorbook.render(page, heads, told), nl=False)
        return
    show.records(rows, form, ("detector", "title_zh", "schemes", "findings", "findings_open", "cells_evidence", "cells_clean", "cells_not_applicable", "cells_not_identifiable", "cells_error"))  # fmt: skip


@cli.command()
@home_option
@filter_options
@click.option("--rule", "rules", multiple=True, help="Rule id.")
@click.option("--outcome", "outcomes", multiple=True, help="pass, hit, not_applicable, skipped, error.")
@click.option("--cells", is_flag=True, help="One record per platform × province × day.")
@format_option
def verdicts(home: Home, platforms: tuple[str, ...], provinces: tuple[str, ...], date_from: date | None, date_to: date | None,
             as_known_at: datetime | None, rules: tuple[str, ...], outcomes: tuple[str, ...], cells: bool, form: str) -> None:  # fmt: skip
    """What became of each rule: pass, hit, not applicable (what it needs is absent), skipped, or crashed, with the reason.

    Example: zhibao verdicts --outcome not_applicable,skipped,error
    """
    from pipelines import answers, rulings, show

    wanted = answers.Filter(_split(platforms), _split(provinces), date_from, date_to, _split(rules))
    with _state(home, as_known_at) as connection:
        try:
            rows = rulings.verdicts(connection, wanted, _split(outcomes), by_cell=cells)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
    show.records(rows, form)


@cli.command()
@click.argument("finding")
@home_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    default="table",
    show_default=True,
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write to this file (needed for parquet on a terminal)."
)
@click.option(
    "--source", is_flag=True, help="The original lines instead, decrypted from the archive; logged."
)
@click.option("--limit", default=100, show_default=True, help="With --source: at most so many evidence rows.")
def evidence(finding: str, home: Home, form: str, out: Path | None, source: bool, limit: int) -> None:
    """Every row behind a finding; with --source the lines of the file as it was sent.

    Example: zhibao evidence 3f2a9c --format parquet --out x01.parquet
    """
    import getpass

    from pipelines import answers, show

    with _state(home, None) as connection:
        if source:
            show.records(
                answers.source_lines(connection, home, finding, limit, getpass.getuser()),
                "json" if form == "parquet" else form,
            )
            return
        rows = answers.evidence(connection, home, finding)
    if form == "parquet":
        rows.write_parquet(out if out is not None else sys.stdout.buffer)
    elif out is not None:
        rows.write_csv(out) if form == "csv" else out.write_text(rows.write_json(), encoding="utf-8")
    else:
        show.records(rows.to_dicts(), form)


@cli.command()
@home_option
@filter_options
@click.option(
    "--by",
    default="",
    help="day, month, quarter, year, region, province, city, platform, industry, programme; by commas.",
)
@click.option("--indicator", "wanted", multiple=True, help="Indicator ids (default: all).")
@click.option(
    "--base",
    type=click.Choice(["previous", "year"]),
    default="previous",
    show_default=True,
    help="What growth is measured against.",
)
@click.option("--certified", is_flag=True, help="Certified cells only.")
@format_option
def indicators(home: Home, platforms: tuple[str, ...], provinces: tuple[str, ...], date_from: date | None, date_to: date | None,
               as_known_at: datetime | None, by: str, wanted: tuple[str, ...], base: str, certified: bool, form: str) -> None:  # fmt: skip
    """Coverage, rates, growth, money and quality: each with numerator, denominator, unit and flags.

    Example: zhibao indicators --by month,province,platform --indicator person_insured_rate
    """
    from pipelines import answers, rulings, show
    from warehouse.indicators import compute
    from warehouse.indicators.registry import load as load_registry

    # growth_rate stands for growth_rate:persons_cumulative and the like
    ids = [
        full
        for asked in _split(wanted)
        for full in ([i for i in load_registry() if i.startswith(f"{asked}:")] or [asked])
    ]
    dimensions = [part.strip() for part in by.split(",") if part.strip()]
    with _state(home, as_known_at) as connection:
        try:
            rows = compute(
                connection, by=dimensions, indicators=ids or None, date_from=date_from, date_to=date_to,
                platforms=list(_split(platforms)) or None, provinces=list(_split(provinces)) or None, base=base,
                certified_only=certified,
            )  # fmt: skip
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        blocked, cells = rulings.uncertified(connection, answers.Filter(_split(platforms), _split(provinces), date_from, date_to))  # fmt: skip
    show.records(rows.to_dicts(), form)
    if blocked:
        click.echo(f"{blocked} of {cells} platform × province × days are not certified ({'left out' if certified else 'counted in'})", err=True)  # fmt: skip


@cli.command()
@home_option
@filter_options
@click.option("--measure", "measures", multiple=True, help="orders, workers, injuries.")
@click.option("--methods", is_flag=True, help="Every method, not the best one of each cell alone.")
@format_option
def estimates(home: Home, platforms: tuple[str, ...], provinces: tuple[str, ...], date_from: date | None, date_to: date | None,
              as_known_at: datetime | None, measures: tuple[str, ...], methods: bool, form: str) -> None:  # fmt: skip
    """How many orders, workers and injuries are probably missing, with bounds, beside the reported figure.

    Where no list exists the outcome is not_identifiable: that does not mean that nothing is missing. Empty province: nationally.

    Example: zhibao estimates --platform P02 --measure orders --methods
    """
    from pipelines import answers, show

    wanted = answers.Filter(_split(platforms), _split(provinces), date_from, date_to)
    with _state(home, as_known_at) as connection:
        rows = answers.estimates(connection, wanted, _split(measures), every_method=methods)
    show.records(rows, form, ("platform_code", "province_code", "measure", "reported", "missing", "missing_low", "missing_high", "method", "outcome", "n", "flags"))  # fmt: skip


@cli.command()
@home_option
@click.option("--nights", default=7, show_default=True, help="Nights over which the sample is spread.")
@click.option("--seed", type=int, help="The same seed gives the same draw in this home; keep it to yourself.")
@click.option("--share", default=0.01, show_default=True, help="The dropped share that is to be seen.")
@click.option("--power", default=0.95, show_default=True, help="… with this probability.")
@click.option(
    "--tolerated", default=0.0001, show_default=True, help="Share that honest mistakes of checkers may miss."
)
@click.option(
    "--test-share", default=0.15, show_default=True, help="Part of the sample placed as test orders."
)
@click.option("--response", default=0.5, show_default=True, help="Share of calls that are answered.")
@click.option(
    "--from",
    "start",
    type=Day(),
    help="First business date asked about (default: after the last reported one).",
)
@click.option("--list", "lists", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV list,platform_code,province_code,reference of persons from tax or social insurance; no identity numbers.")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write draw-plan.csv and call-list-YYYYMMDD.csv here."
)
@click.option("--plan", is_flag=True, help="Print the plan per platform and province instead of the lines.")
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A filled call list: writes worker-checks-YYYYMMDD.csv into --inbox instead of drawing.")  # fmt: skip
@click.option("--inbox", type=click.Path(exists=True, file_okay=False, path_type=Path))
@format_option
def draw(home: Home, nights: int, seed: int | None, share: float, power: float, tolerated: float, test_share: float, response: float,
         start: date | None, lists: tuple[Path, ...], out: Path | None, plan: bool, answers: Path | None, inbox: Path | None,
         form: str) -> None:  # fmt: skip
    """The bureau's random call list of workers and its plan of test orders, sized to see a dropped share.

    Filled in (checked_at, order_id, …) a list comes back with --answers; the next night holds it against the reported orders.

    Example: zhibao draw --nights 7 --seed 4711 --out ./draw, then zhibao draw --answers ./draw/call-list-20251110.csv --inbox ./inbox
    """
    from pipelines import draw as drawing
    from pipelines import show

    try:
        if answers is not None:
            if inbox is None:
                raise click.UsageError("--answers needs --inbox")
            show.records([drawing.collect(answers, inbox)], form)
            return
        if seed is None:
            raise click.UsageError("--seed is needed: a draw must be repeatable")
        with _state(home, None) as connection:
            wish = drawing.Wish(nights, seed, share, power, tolerated, test_share, response, start)
            lines, plans = drawing.draw(home, connection, wish, lists)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    for path in drawing.write(out, lines, plans) if out is not None else ():
        click.echo(str(path), err=True)
    if blind := sum(not row["finds_unregistered"] for row in lines):
        click.echo(f"{blind} of {len(lines)} lines are workers from the platforms' own orders: they cannot show a worker who is hidden", err=True)  # fmt: skip
    show.records(plans if plan else lines, form)


@cli.command()
@click.argument("platform")
@click.argument("order_id")
@home_option
def prove(platform: str, order_id: str, home: Home) -> None:
    """Inclusion proof of an order in a sealed night, as JSON; `zhibao verify` checks it offline.

    Example: zhibao prove P02 O123456 > proof.json
    """
    import json

    from pipelines import seal_night

    with _state(home, None) as connection:
        click.echo(
            json.dumps(seal_night.prove(connection, home, platform, order_id), ensure_ascii=False, indent=1)
        )


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--public-key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The home's keys/seal-1.pub: without it a file only shows that it is whole, not whose it is.")  # fmt: skip
def verify(path: Path, public_key: Path | None) -> None:
    """Verify a proof, a receipt, or a whole home (receipts, roots recomputed from the lake, archive). Exit 3 on any fault.

    Example: zhibao verify proof.json --public-key seal-1.pub
    """
    from pipelines import seal_night

    problems = seal_night.verify_path(
        path, public_key.read_text(encoding="ascii").strip() if public_key else None
    )
    for problem in problems:
        click.echo(problem)
    click.echo("verified" if not problems else f"{len(problems)} faults", err=True)
    if problems:
        sys.exit(FINDINGS)


@cli.command()
@home_option
@format_option
def doctor(home: Home, form: str) -> None:
    """Is this installation whole? Keys, registers, snapshot, space, versions. Exit 1 where something is broken.

    Example: zhibao doctor --home ./zhibao-home
    """
    from pipelines import show
    from pipelines.doctor import examine

    rows = examine(home)
    show.records(rows, form)
    if any(row["state"] == "broken" for row in rows):
        sys.exit(INTERNAL)


@cli.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8050, show_default=True)
def serve(home: Home, host: str, port: int) -> None:
    """Serve the dashboards on the published snapshot.

    Example: zhibao serve --home ./zhibao-home --port 8050
    """
    from dashboards.app import serve as run

    run(home.root, host, port)


@cli.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The inbox to write.")
@click.option("--days", default=14, show_default=True)
@click.option("--from", "start", type=Day(), default="2025-10-06", show_default=True)
@click.option("--orders-per-day", default=6000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--platforms", help="Platform codes by commas.")
@click.option("--provinces", help="Province codes by commas.")
@click.option("--falsify", multiple=True, help="SCHEME:INTENSITY:PLATFORM:PROVINCE:FROM_DATE")
@click.option("--pristine", is_flag=True, help="Without the honest imperfections: no rule fires.")
def sample(out: Path, days: int, start: date, orders_per_day: int, seed: int, platforms: str | None, provinces: str | None,
           falsify: tuple[str, ...], pristine: bool) -> None:  # fmt: skip
    """Write a labelled synthetic inbox by the standard; the same arguments write the same bytes.

    Example: zhibao sample --out ./sample-inbox --days 7 --falsify X01:0.01:P02:310000:2025-10-09
    """
    from data_samples.sample import write_sample

    try:
        summary = write_sample(
            out, days=days, start=start, orders_per_day=orders_per_day, seed=seed,
            platforms=_split((platforms,)) if platforms else None, provinces=_split((provinces,)) if provinces else None,
            falsify=_split(falsify), pristine=pristine,
        )  # fmt: skip
    except (ValueError, FileExistsError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(str(summary), err=True)


@cli.group()
def benchmark() -> None:
    """Measure this installation on this machine.

    Example: zhibao benchmark nightly --orders 1000000
    """


@benchmark.command("nightly")
@click.option("--orders", default=1_000_000, show_default=True)
@click.option("--platforms", default="P01,P02,P06,P08,P09", show_default=True)
@click.option("--provinces", default="110000,310000,320000,330000,440000", show_default=True)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    help="Folder for the sample and the home (default: a temporary one).",
)
@format_option
def benchmark_nightly(orders: int, platforms: str, provinces: str, work: Path | None, form: str) -> None:
    """Time one night on a sample of so many orders, beside a bare DuckDB COPY of the same files to Parquet.

    Example: zhibao benchmark nightly --orders 10000000
    """
    from pipelines import show
    from pipelines.benchmark.times import nightly as run

    show.records(run(orders, _split((platforms,)), _split((provinces,)), work), form)


@benchmark.command("detection")
@click.option(
    "--size",
    default="small",
    show_default=True,
    help="small, medium, curves, wide or full, as the world file states them.",
)
@click.option("--seed", default=1, show_default=True)
@click.option("--schemes", default="", help="Only these, as F02,F10 (default: all of the size).")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for worlds, table and pictures."
)
@click.option(
    "--rules", is_flag=True, help="Run the row rules too, for the baseline of rules alone (slower)."
)
@click.option("--only", default="", help="Only these worlds, by name or kind, as measure,injected-003.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Worlds at once.")
@format_option
def benchmark_detection(
    size: str, seed: int, schemes: str, out: Path, rules: bool, only: str, jobs: int, form: str
) -> None:
    """What the detectors find in made-up worlds where it is known who falsifies, and how often they accuse the honest.

    A run that was broken off goes on where it stopped. Example: zhibao benchmark detection --size small --out ./bench-detection
    """
    from pipelines import show
    from pipelines.benchmark.detection import detection

    try:
        lines = detection(
            size=size, seed=seed, schemes=_split((schemes,)), out=out, rules=rules, only=_split((only,)), jobs=jobs,
            tell=lambda line: click.echo(line, err=True),
        )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    show.records(lines, form)


def main() -> None:
    """Run the command line; every failure has its exit code and one clear line."""
    import duckdb

    from pipelines.answers import NotFound
    from warehouse.snapshot import NothingPublished
    from warehouse.strict_yaml import StrictError

    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        sys.exit(INTERNAL)
    except (NothingPublished, NotFound, StrictError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
    except HomeBusy as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BUSY)
    except BrokenPipeError:
        sys.exit(DONE)
    except (OSError, duckdb.Error) as error:
        if not _is_storage(error):
            raise
        click.echo(f"error: storage: {str(error).splitlines()[0]}", err=True)
        sys.exit(STORAGE)


def _is_storage(error: BaseException) -> bool:
    """A full or failing disk, as the system or the engine tells of it (the engine in its words only)."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in STORAGE_ERRORS
    text = str(error)
    return type(error).__name__ == "IOException" or any(sign in text for sign in STORAGE_SIGNS)


if __name__ == "__main__":
    main()
