import threading

import rows
import soak


def samples(values):
    return [(float(at), value) for at, value in enumerate(values)]


def test_what_grows_to_the_end_is_not_flat():
    assert "NOT FLAT: it has grown by 25%" in soak.words(samples([50] * 10 + [100] * 10 + [110] * 10 + [125] * 10))


def test_what_was_learned_in_the_first_quarter_is_no_growth():
    assert soak.words(samples([50] * 10 + [100] * 10 + [104] * 10 + [103] * 10)).endswith("at most 104 MiB: flat")


def test_a_contender_is_looked_at_as_long_as_it_is_watched(monkeypatch):
    monkeypatch.setattr(soak, "EVERY_S", 0.001)
    looked = threading.Event()

    class Contender:
        def resident_bytes(self):
            looked.set()
            return 3 * 2**20

    watch = soak.Watch()
    with watch.over(Contender()):
        assert looked.wait(10)
    assert watch.samples and {mib for _, mib in watch.samples} == {3.0}


def test_it_lasts_as_long_as_it_is_told_to_and_is_no_row_of_the_table():
    timing = soak.timing(20)
    assert timing.siege_s == 1200
    assert all(wave.length_s == 1200 for wave in soak.ROW.waves(timing))
    assert soak.ROW.name not in [row.name for row in rows.ROWS]
