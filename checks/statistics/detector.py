"""When did a series leave its expectation? Mixture e-detector over standardised residuals, with a stated average run length.

Input: residuals z = (expected − observed) / sd, or the other sign: a positive z speaks for the change sought; time on the
last axis, any number of series before it, nan for a night without data (evidence and clock stand still).
Null: E[z | past] ≤ 0 and variance ≤ 1. For each λ the increment is exp(λ z − ψ(λ)); the Shiryaev–Roberts sum
R_t = (1 + R_{t−1}) · increment, averaged over λ, has R_t − t a supermartingale, so that the average run length to
R ≥ A is at least A, whatever the series' law. CUSUM, max(1, C) · increment, never exceeds it.
ψ: "gaussian" λ²/2 (residuals no heavier than normal after clipping), "bennett" (e^{λc} − 1 − λc)/c² (any law with variance ≤ 1
below the clip c: safer, slower).
Assumes: no autocorrelation left. With lag-one correlation .7 the run length collapses (a test shows it): `whiten` first.
Clipping at ±c bounds what one bad night can say in either direction.
Minimum n: `lag_one` and `scale` need 30 nights. Effect: mean residual since the onset, in standard deviations.
Sources: Shin, Ramdas and Rinaldo, e-detectors, NEJSDS 2 (2024) 229; Lorden 1971; Pollak 1985; Page 1954; Bennett 1962."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checks.statistics.result import Floats, Ints

LAMBDAS = (1 / 3, 2 / 3, 1.0, 2.0, 3.0)  # a shift of λ sd is what each is sharpest for
MINIMUM_NIGHTS = 30


@dataclass(frozen=True)
class State:
    """What a series carries into the next night, per λ: log SR sum, log CUSUM, night of the last reset, and residuals since."""

    log_sum: Floats  # (…, λ)
    log_cusum: Floats  # (…, λ)
    onset: Ints  # (…, λ)
    since: Floats  # (…, λ) sum of clipped residuals since the onset
    night: int


@dataclass(frozen=True)
class Path:
    """Per series and night: log evidence (compare with `log_threshold`), first night of the suspected change, mean residual since."""

    log_e: Floats
    onset: Ints
    effect: Floats
    state: State


def log_threshold(average_run_length: float) -> float:
    """Nights between false alarms of one series are at least `average_run_length` on average."""
    return float(np.log(average_run_length))


def e_detector(
    z: npt.ArrayLike,
    *,
    lambdas: tuple[float, ...] = LAMBDAS,
    weights: tuple[float, ...] | None = None,
    clip: float = 4.0,
    cumulant: str = "gaussian",
    kind: str = "sr",
    state: State | None = None,
) -> Path:
    """Evidence along the time axis. With `state` of the nights before, one night gives what the whole series would."""
    if kind not in ("sr", "cusum") or cumulant not in ("gaussian", "bennett"):
        raise ValueError("kind is sr or cusum, cumulant is gaussian or bennett")
    x = np.clip(np.asarray(z, np.float64), -clip, clip)
    rate = np.asarray(lambdas, np.float64)
    share = np.full(rate.size, 1 / rate.size) if weights is None else np.asarray(weights, np.float64)
    if (rate <= 0).any() or share.shape != rate.shape or not np.isclose(share.sum(), 1):
        raise ValueError("lambdas must be positive, weights one each and sum to 1")
    psi = rate**2 / 2 if cumulant == "gaussian" else (np.expm1(rate * clip) - rate * clip) / clip**2
    now = state if state is not None else _empty((*x.shape[:-1], rate.size))
    log_share = np.log(share)
    log_sum, log_cusum, onset, since = now.log_sum, now.log_cusum, now.onset, now.since
    log_e, first, effect = np.full(x.shape, -np.inf), np.zeros(x.shape, np.int64), np.full(x.shape, np.nan)
    for step in range(x.shape[-1]):
        night, today = now.night + step, x[..., step, None]
        seen = ~np.isnan(today)
        increment = np.where(seen, rate * np.where(seen, today, 0.0) - psi, 0.0)
        fresh = seen & (
            log_cusum <= 0
        )  # nothing was against the null before tonight: a change would start tonight
        onset = np.where(fresh, night, onset)
        since = np.where(fresh, 0.0, since) + np.where(seen, today, 0.0)
        log_sum = np.where(seen, np.logaddexp(0.0, log_sum) + increment, log_sum)
        log_cusum = np.where(seen, np.maximum(log_cusum, 0.0) + increment, log_cusum)
        evidence = log_sum if kind == "sr" else log_cusum
        log_e[..., step] = np.logaddexp.reduce(evidence + log_share, axis=-1)
        best = np.argmax(log_cusum + log_share, axis=-1)[..., None]
        first[..., step] = np.take_along_axis(onset, best, -1)[..., 0]
        nights = night - first[..., step] + 1
        effect[..., step] = np.take_along_axis(since, best, -1)[..., 0] / np.maximum(nights, 1)
    return Path(log_e, first, effect, State(log_sum, log_cusum, onset, since, now.night + x.shape[-1]))


def first_alarm(log_e: npt.ArrayLike, average_run_length: float) -> Ints:
    """Night of the first crossing per series; −1 where there is none."""
    over = np.asarray(log_e) >= log_threshold(average_run_length)
    return np.asarray(np.where(over.any(axis=-1), over.argmax(axis=-1), -1), np.int64)


def lag_one(z: npt.ArrayLike) -> Floats:
    """Lag-one autocorrelation of each series about its median, with the small-sample correction (1 + 4ρ)/n (Kendall 1954);
    nan below 30 nights: estimate on nights before those that are judged, or a slow change whitens itself away."""
    x = np.asarray(z, np.float64)
    x = x - _median(x)
    pair = ~np.isnan(x[..., 1:]) & ~np.isnan(x[..., :-1])
    n = pair.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        top = np.where(pair, x[..., 1:] * x[..., :-1], 0.0).sum(axis=-1) / n
        rho = top / np.nanmean(x**2, axis=-1)
        rho = rho + (1 + 4 * rho) / n
    return np.asarray(np.where(n >= MINIMUM_NIGHTS, np.clip(rho, -0.95, 0.95), np.nan))


def scale(z: npt.ArrayLike) -> Floats:
    """Robust standard deviation of each series (1.4826 × median absolute deviation); nan below 30 nights."""
    x = np.asarray(z, np.float64)
    spread = 1.4826 * _median(np.abs(x - _median(x)))[..., 0]
    return np.asarray(np.where((~np.isnan(x)).sum(axis=-1) >= MINIMUM_NIGHTS, spread, np.nan))


def whiten(z: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Innovations (z_t − ρ z_{t−1}) / √(1 − ρ²) of a lag-one series; the first night, and the night after a gap, stay as they are.

    A lasting shift of δ sd becomes δ √((1 − ρ)/(1 + ρ)): at ρ = .7, .42 δ: the honest price of autocorrelation."""
    x = np.asarray(z, np.float64)
    r = np.asarray(rho, np.float64)[..., None]
    before = np.concatenate([np.full((*x.shape[:-1], 1), np.nan), x[..., :-1]], axis=-1)
    return np.asarray(np.where(np.isnan(before), x, (x - r * before) / np.sqrt(1 - r**2)))


def _median(x: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(np.nanmedian(x, axis=-1, keepdims=True))


def _empty(shape: tuple[int, ...]) -> State:
    nothing = np.full(shape, -np.inf)
    return State(nothing, nothing.copy(), np.zeros(shape, np.int64), np.zeros(shape), 0)
