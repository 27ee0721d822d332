"""A night's detection: frames → signals' tracks → every detector → the evidence step → findings of kind `detector`.

A detector that crashes is an error of ours: its outcome is `error`, the night is red, and nobody is accused.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from checks import detectors, evidence, panel
from checks import frames as feature_frames
from checks.detectors import ROW, Module, Settings
from warehouse.engine import frame, quote
from warehouse.home import sync_file


@dataclass(frozen=True)
class Detection:
    """What a night's detection came to: the judged answers, the seconds of each detector, the errors of those that crashed."""

    judged: evidence.Judged
    seconds: Mapping[str, float]
    errors: Mapping[str, str]


def run(
    frames: feature_frames.Frames, held: pl.DataFrame, *, budget: float, parameters: Mapping[str, float] | None = None,
    modules: Sequence[Module] | None = None, clock: Callable[[], float] = lambda: 0.0,
) -> Detection:  # fmt: skip
    """All detectors over frames, and what stands; pure."""
    modules = detectors.load() if modules is None else modules
    seconds: dict[str, float] = {}
    errors: dict[str, str] = {}
    begin = clock()
    tracks = panel.run(frames, [signal for module in modules for signal in module.signals])
    seconds["panel"] = clock() - begin
    settings = Settings(tracks, parameters or {})
    answers: dict[str, pl.DataFrame] = {}
    for module in modules:
        begin = clock()
        try:
            answers[module.header.id] = detectors.check(
                module, frames, module.detect(frames, settings=settings)
            )
        except (
            Exception
        ) as error:  # whatever a detector dies of is its outcome, told, and turns the night red
            errors[module.header.id] = f"{type(error).__name__}: {error}"[:2000]
        seconds[module.header.id] = clock() - begin
    if not answers:
        answers = {"D00": pl.DataFrame(schema=dict(ROW))}
    judged = evidence.judge(answers, modules, held, night=frames.night, budget=budget)
    return Detection(judged, seconds, errors)


def night(
    connection: duckdb.DuckDBPyConnection, at: date, home: Path, folder: Path, clock: Callable[[], float]
) -> Detection | None:
    """Detect on the warehouse as it stands for night `at`, and merge. Within the caller's transaction.

    Nothing is said where no submission was ever accepted.
    """
    frames = feature_frames.load(connection, at)
    if not frames.days:
        return None
    held = frame(
        connection,
        "select finding_id, rule_id, platform_code, province_code, period_from, period_to, detected_on from checks.finding "
        "where kind = 'detector'",
    )
    parameters = {"minor_injury_cap": _parameter(connection, "minor_injury_cap", at)}
    detection = run(
        frames, held, budget=_parameter(connection, "alarm_budget", at), parameters=parameters, clock=clock
    )
    merge(connection, detection, at, home, folder)
    return detection


def _parameter(connection: duckdb.DuckDBPyConnection, name: str, at: date) -> float:
    rows = connection.execute(
        "select number from ref.parameter where parameter = ? and valid_from <= ? and (valid_to is null or valid_to > ?)",
        [name, at, at],
    ).fetchall()  # all of it: an open result would not let a frame be registered
    if not rows:
        raise ValueError(f"no parameter {name} in force on {at}")
    return float(rows[0][0])


def merge(
    connection: duckdb.DuckDBPyConnection, detection: Detection, at: date, home: Path, folder: Path
) -> None:
    """checks.detector_verdict (last night's outcome per detector × cell), checks.episode and checks.finding."""
    by_id = {module.header.id: module.header for module in detectors.load()}
    rows = detection.judged.rows
    crashed = pl.DataFrame(
        {"detector": list(detection.errors), "reason": list(detection.errors.values())},
        schema={"detector": pl.String, "reason": pl.String},
    )
    connection.register("answered", rows.to_arrow())
    connection.register("crashed", crashed.to_arrow())
    connection.execute(
        f"""delete from checks.detector_verdict;
        insert into checks.detector_verdict
        select detector, platform_code, province_code, outcome, reason, period_from, n, statistic, expected, effect, log_e, threshold,
            {quote(str(at))} from answered where platform_code is not null
        union all select detector, null, null, 'error', reason, null, null, null, null, null, null, null, {quote(str(at))} from crashed"""
    )
    connection.unregister("answered")
    connection.unregister("crashed")
    stands = detection.judged.open
    heads = pl.DataFrame(
        [
            {"detector": h.id, "title_zh": h.title_zh, "title_en": h.title_en, "version": h.version}
            for h in by_id.values()
        ],
        schema={"detector": pl.String, "title_zh": pl.String, "title_en": pl.String, "version": pl.Int64},
    )
    evidence_file = _write_evidence(stands, folder, at, home)
    connection.register("stands", stands.join(heads, on="detector").to_arrow())
    connection.execute(
        f"""update checks.finding f set status = 'resolved', changed_on = {quote(str(at))}
        where f.kind = 'detector' and f.status not in ('resolved', 'dismissed')
            and not exists (select 1 from stands s where s.finding_id = f.finding_id)
            and f.rule_id not in (select unnest({list(detection.errors)}::varchar[]));
        update checks.finding f set period_to = s.period_to, effect = s.effect, p_value = s.p_value, score = s.score, scheme = s.scheme,
            violations = cast(coalesce(s.statistic, 0) as bigint), checked = cast(coalesce(s.n, 0) as bigint),
            evidence = {quote(evidence_file)}, rule_version = s.version,
            changed_on = case when f.status = 'resolved' then {quote(str(at))} else f.changed_on end,
            status = case when f.status = 'resolved' then 'open' else f.status end
        from stands s where s.finding_id = f.finding_id;
        insert into checks.finding
        select finding_id, detector, version, 'detector', 'suspect', 'credibility', 'platform', null, platform_code, province_code,
            period_from, period_to, detected_on, null, null, cast(coalesce(statistic, 0) as bigint), cast(coalesce(n, 0) as bigint),
            effect, p_value, score, scheme, title_zh, title_en, 'open', {quote(evidence_file)}, {quote(str(at))}
        from stands where is_new;
        delete from checks.episode where finding_id in (select finding_id from stands);
        insert into checks.episode
        select finding_id, detector, platform_code, province_code, period_from, period_to, detected_on, n, statistic, expected, effect, log_e,
            score, scheme, sentence_zh, sentence_en, evidence from stands"""
    )
    connection.unregister("stands")


def _day(label: str, otherwise: date) -> date:
    """The day that a cell is about; a cell that is no day (an hour, a city, a person) is of the episode's beginning."""
    try:
        return date.fromisoformat(label)
    except ValueError:
        return otherwise


def _write_evidence(stands: pl.DataFrame, folder: Path, at: date, home: Path) -> str:
    """The decisive cells of all standing findings in one Parquet file; its path from the home. '' where none stands."""
    if stands.height == 0:
        return ""
    cells = [
        {
            "platform_code": row["platform_code"], "province_code": row["province_code"], "business_date": _day(str(cell["label"]), row["period_from"]),
            "finding_id": row["finding_id"], "label": str(cell["label"]), "observed": float(cell["observed"]),
            "expected": None if cell["expected"] is None else float(cell["expected"]),
            "sentence_zh": row["sentence_zh"], "sentence_en": row["sentence_en"],
        }
        for row in stands.iter_rows(named=True)
        for cell in json.loads(row["evidence"] or "[]")
    ]  # fmt: skip
    path = folder / f"D-{at:%Y%m%d}-{secrets.token_hex(8)}.parquet"
    schema = {
        "platform_code": pl.String, "province_code": pl.String, "business_date": pl.Date, "finding_id": pl.String, "label": pl.String,
        "observed": pl.Float64, "expected": pl.Float64, "sentence_zh": pl.String, "sentence_en": pl.String,
    }  # fmt: skip
    pl.DataFrame(cells, schema=schema).write_parquet(path)
    sync_file(path)
    return str(path.relative_to(home))
