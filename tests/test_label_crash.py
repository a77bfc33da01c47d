"""Kill -9 at random moments under load; `python -m benchmarks.label_crash` does it 200 times."""

import pytest

from benchmarks.label_crash import crash_test, make_set


@pytest.mark.parametrize(("mode", "n_kills"), [("session", 8), ("app", 2)])
def test_no_label_is_lost_and_none_invented(tmp_path, mode, n_kills):
    make_set(tmp_path, 4, 20)
    result = crash_test(tmp_path, n_kills=n_kills, mode=mode, seed=5)
    assert result.n_kills == n_kills
    assert result.n_acknowledged > 0
