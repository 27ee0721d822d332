"""The e-detector: average run length by simulation, autocorrelation and whitening, delay, continuing night by night."""

import numpy as np
import pytest

from checks.statistics.detector import e_detector, first_alarm, lag_one, log_threshold, scale, whiten

HORIZON = 1000


def noise(series: int, *, rho: float = 0.0, seed: int = 7, nights: int = HORIZON) -> np.ndarray:
    z = np.random.default_rng(seed).normal(size=(series, nights))
    for night in range(1, nights):
        z[:, night] = rho * z[:, night - 1] + (1 - rho**2) ** 0.5 * z[:, night]
    return z


def run_length(z: np.ndarray, arl: float, **options: str) -> float:
    """Mean nights to the first alarm, cut off at the horizon: a lower bound of the true mean."""
    alarm = first_alarm(e_detector(z, **options).log_e, arl)  # type: ignore[arg-type]
    return float(np.where(alarm < 0, z.shape[1], alarm + 1).mean())


@pytest.mark.parametrize("kind", ["sr", "cusum"])
@pytest.mark.parametrize("cumulant", ["gaussian", "bennett"])
def test_average_run_length_is_at_least_the_stated_one(kind: str, cumulant: str) -> None:
    assert run_length(noise(250), 365, kind=kind, cumulant=cumulant) >= 365


def test_autocorrelation_breaks_the_run_length_and_whitening_restores_it() -> None:
    z = noise(250, rho=0.7)
    assert run_length(z, 365) < 365 / 2
    history, later = z[:, :400], z[:, 400:]
    white = whiten(later, lag_one(history))
    assert run_length(white, 365) >= 365


def test_bennett_holds_for_a_skewed_law_where_gaussian_does_not() -> None:
    skewed = np.random.default_rng(8).exponential(size=(250, HORIZON)) - 1.0
    assert run_length(skewed, 365, cumulant="bennett") >= 365 > run_length(skewed, 365, cumulant="gaussian")


def test_a_shift_of_two_sd_is_seen_within_a_week_and_its_onset_dated() -> None:
    z = noise(400, nights=120)
    z[:, 100:] += 2.0
    path = e_detector(z)
    over = path.log_e[:, 100:] >= log_threshold(365)
    delay = np.where(over.any(axis=1), over.argmax(axis=1) + 1, 99)
    assert np.median(delay) <= 5 and np.quantile(delay, 0.9) <= 9
    last = path.onset[:, -1]
    assert np.median(np.abs(last - 100)) <= 1
    assert np.median(path.effect[:, -1]) == pytest.approx(2.0, abs=0.3)


def test_a_fall_in_the_other_direction_is_silent() -> None:
    z = noise(50, nights=60) - 3.0
    assert (first_alarm(e_detector(z).log_e, 365) == -1).all()


def test_night_by_night_equals_the_whole_series() -> None:
    z = noise(5, nights=40)
    z[2, 10:13] = np.nan
    whole, state = e_detector(z), None
    for night in range(40):
        step = e_detector(z[:, night : night + 1], state=state)
        state = step.state
        assert (
            np.allclose(step.log_e[:, 0], whole.log_e[:, night])
            and (step.onset[:, 0] == whole.onset[:, night]).all()
        )


def test_one_wild_night_alone_does_not_alarm_and_a_gap_changes_nothing() -> None:
    z = np.zeros((2, 20))
    z[:, 10] = 50.0
    assert (first_alarm(e_detector(z, clip=3.0).log_e, 365) == -1).all()
    gap = np.array([[1.0, np.nan, np.nan, 1.0]])
    assert e_detector(gap).log_e[0, 3] == pytest.approx(e_detector([[1.0, 1.0]]).log_e[0, 1])


def test_too_short_a_history_gives_no_correlation_and_no_scale() -> None:
    assert np.isnan(lag_one(noise(1, nights=20))).all() and np.isnan(scale(noise(1, nights=20))).all()
    assert lag_one(noise(300, rho=0.7, nights=200)).mean() == pytest.approx(0.7, abs=0.02)
    assert scale(3 * noise(300)).mean() == pytest.approx(3, abs=0.05)


def test_a_shift_survives_whitening_by_the_stated_price() -> None:
    shifted = whiten(np.full((1, 50), 2.0), 0.7)
    assert shifted[0, 10] == pytest.approx(2.0 * (0.3 / 1.7) ** 0.5)


def test_shiryaev_roberts_and_cusum_by_hand() -> None:
    z = np.array([[0.5, -1.0, 2.0]])
    first, second, third = np.exp(z[0] - 0.5)  # λ = 1
    sums = [first, (1 + first) * second, (1 + (1 + first) * second) * third]
    assert np.exp(e_detector(z, lambdas=(1.0,)).log_e[0]) == pytest.approx(sums)
    cusum = np.exp(e_detector(z, lambdas=(1.0,), kind="cusum").log_e[0])
    assert cusum == pytest.approx([first, max(first, 1) * second, max(max(first, 1) * second, 1) * third])
