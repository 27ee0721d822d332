-- What is written by the night's own steps; every other table is a SELECT in staging/, core/ or marts/.
create schema if not exists staging;
create schema if not exists core;
create schema if not exists marts;
create schema if not exists ref;
create schema if not exists lake;
create schema if not exists build;
create schema if not exists checks;
create schema if not exists ops;
create schema if not exists releases;

-- grain: one version of one package, as received; refused ones too. Never updated but by a clock-refused resend.
create table if not exists staging.package (
    version_id varchar, submission varchar, platform_code varchar, province_code varchar, business_date date,
    sequence bigint, submitted_at timestamp, received_at timestamp, known_at timestamp, night date,
    manifest_digest varchar, previous_digest varchar, reason_code varchar, reason_text varchar, manifest varchar,
    originals varchar, is_refused boolean, rows_enrollment bigint, rows_orders bigint, rows_claims bigint
);
-- grain: one reason found while receiving or reading a package (staging.package_reason adds what follows from other packages)
create table if not exists staging.package_fault (
    version_id varchar, submission varchar, platform_code varchar, province_code varchar, business_date date,
    rule_id varchar, reason_zh varchar, reason_en varchar, file varchar, line_no bigint, value varchar, expected varchar
);
-- grain: version × extract that has rows in the lake. row_no of a row = its number in the file − first_row + 1
create table if not exists staging.lake_version (
    extract varchar, path varchar, version_id varchar, platform_code varchar, business_date date,
    first_row bigint, row_count bigint, untyped_count bigint
);
-- grain: one cell (or one malformed line) that could not be typed
create table if not exists staging.quarantine (
    platform_code varchar, province_code varchar, business_date date, submission varchar, version_id varchar,
    extract varchar, row_no bigint, line_no bigint, column_name varchar, original_text varchar, rule_id varchar,
    reason varchar
);
-- grain: one name in the inbox as last seen
create table if not exists staging.seen (name varchar, fingerprint varchar, version_id varchar);
-- grain: platform × province × business_date × hour: what the orders say of the hours that pulses speak of (pipelines/pulses.py)
create table if not exists staging.pulse_night (
    platform_code varchar, province_code varchar, business_date date, hour_no bigint, orders bigint,
    last_serial bigint, rows_hash varchar, rows_hash_open varchar
);
-- grain: one version of a witness file
create table if not exists staging.witness_file (
    file varchar, kind varchar, digest varchar, version bigint, is_current boolean, known_at timestamp, night date,
    received_at timestamp, row_count bigint, is_refused boolean, reason varchar
);

-- grain: one row: the clock of the night that is being judged
create table if not exists checks.clock (now timestamp, night date, is_live boolean);
-- grain: rule × platform × province × business_date, as last judged
create table if not exists checks.verdict (
    rule_id varchar, rule_version bigint, platform_code varchar, province_code varchar, business_date date,
    outcome varchar, violations bigint, checked bigint, reason varchar, night date
);
-- grain: rule × platform × province × business_date that was ever hit
create table if not exists checks.finding (
    finding_id varchar, rule_id varchar, rule_version bigint, kind varchar, consequence varchar, dimension varchar,
    responsible varchar, amount_yuan decimal(18, 4), platform_code varchar, province_code varchar, period_from date,
    period_to date, detected_on date, submission varchar, version_id varchar, violations bigint, checked bigint,
    effect double, p_value double, score double, scheme varchar, title_zh varchar, title_en varchar, status varchar,
    evidence varchar, changed_on date
);
-- grain: rule × version of the catalogue as this code has it; written anew by every run
create or replace table checks.rule (
    rule_id varchar, rule_version bigint, file varchar, title_zh varchar, title_en varchar, consequence varchar,
    dimension varchar, responsible varchar, basis varchar, grade varchar, basis_url varchar, effective_from date,
    effective_to date, needs varchar, parameters varchar, evidence varchar, message_zh varchar, message_en varchar, cases bigint,
    price varchar
);
-- grain: rule × version × parameter that its SQL reads
create table if not exists checks.rule_parameter (rule_id varchar, rule_version bigint, parameter varchar);

-- grain: detector × platform × province (null = nationally): what it said last night; a crash has no platform
create table if not exists checks.detector_verdict (
    detector varchar, platform_code varchar, province_code varchar, outcome varchar, reason varchar, period_from date, n double,
    statistic double, expected double, effect double, log_e double, threshold double, night date
);
-- grain: finding of a detector, as it last stood: its numbers, sentence and at most ten decisive cells (JSON)
create table if not exists checks.episode (
    finding_id varchar, detector varchar, platform_code varchar, province_code varchar, period_from date, period_to date, detected_on date,
    n double, statistic double, expected double, effect double, log_e double, score double, scheme varchar, sentence_zh varchar,
    sentence_en varchar, evidence varchar
);
-- grain: platform × province (null = nationally) × measure × method: what is probably missing (checks/estimates.py); written anew by every run
create table if not exists checks.estimate (
    platform_code varchar, province_code varchar, measure varchar, method varchar, outcome varchar, period_from date, period_to date,
    reported double, missing double, missing_low double, missing_high double, n bigint, reason_zh varchar, reason_en varchar,
    is_best boolean, flags varchar
);
-- grain: detector of this code, in words; written anew by every run
create table if not exists checks.detector (
    detector varchar, version bigint, title_zh varchar, title_en varchar, looks_zh varchar, looks_en varchar, errs_zh varchar,
    errs_en varchar, ask_zh varchar, ask_en varchar, unit varchar, source varchar, schemes varchar
);
-- grain: scheme F01–F34: its name and what would show it
create table if not exists checks.scheme (scheme varchar, title_zh varchar, title_en varchar, shown_zh varchar, shown_en varchar);
-- grain: detector × scheme that it may speak for
create table if not exists checks.detector_scheme (detector varchar, scheme varchar);
-- grain: release × dataset × measure × row × column: a cell of a researchers' release as it is to be published. '*' stands for
-- the total of a row or column; value is null where is_suppressed; persons and platforms are what stands behind the cell.
create table if not exists releases.cell (
    release_name varchar, released_on date, dataset varchar, measure varchar, row_label varchar, column_label varchar,
    province_code varchar, value double, persons bigint, platforms bigint, is_suppressed boolean
);

-- grain: one sealed submission version; receipt is its canonical JSON
create table if not exists ops.receipt (number bigint, version_id varchar, submission varchar, receipt varchar, receipt_hash varchar);
-- grain: one call of the night
create table if not exists ops.run (
    run_id varchar, started_at timestamp, finished_at timestamp, now timestamp, is_live boolean, nights bigint,
    packages bigint, order_rows bigint, code_version varchar, ruleset varchar, parameters varchar, registers varchar, steps varchar,
    snapshot varchar, is_red boolean
);

-- grain: order key that was looked for in vain
create table if not exists ops.reference_sought (platform_code varchar, order_id varchar);
-- grain: worker's moment whose orders of older days were looked up
create table if not exists ops.moment_sought (platform_code varchar, worker_id varchar, minute timestamp);

-- what the night is about to rebuild
create table if not exists build.frame (platform_code varchar, business_date date);
create table if not exists build.changed_unit (platform_code varchar, province_code varchar, business_date date);
-- grain: version of an extract whose rows the lake views show; first_row = its first row in its lake file
create table if not exists build.frame_version (extract varchar, version_id varchar, path varchar, first_row bigint);
-- grain: order key of the frame that stands more than once among current versions
create table if not exists build.repeated_key (platform_code varchar, order_id varchar);
-- grain: key that was named tonight for the first time and is not among the frame's orders
create table if not exists build.new_reference (platform_code varchar, order_id varchar, around timestamp);
-- grain: worker's moment that was told tonight for the first time
create table if not exists build.new_moment (platform_code varchar, worker_id varchar, minute timestamp);
-- grain: one row: the last night that detectors spoke of
create table if not exists ops.detected_night (night date);
-- grain: night whose packages are in staging and core but whose rules have not all been merged yet
create table if not exists ops.pending_night (night date, now timestamp, is_live boolean);
-- grain: platform × business_date whose marts are older than staging and core
create table if not exists build.marts_frame (platform_code varchar, business_date date);
-- grain: month of marts.person_day as exported for readers
create table if not exists ops.month_file (month varchar, path varchar);
-- grain: spell (worker) whose enrollment rows changed tonight
create table if not exists build.touched_spell (platform_code varchar, coverage_id varchar);
create table if not exists build.touched_worker (platform_code varchar, worker_id varchar);
-- grain: platform × month that the frame touches: what is kept by month is rebuilt for these
create or replace view build.touched_month as
select distinct platform_code, cast(date_trunc('month', business_date) as date) as month from build.frame;
