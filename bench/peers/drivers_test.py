"""What is read from the drivers' output, and what is made of arrival times."""

import random

import driver_bench
import drivers
import pytest

JOB = drivers.Job("http://127.0.0.1:1/", 3, 50, 5000)

H2LOAD = """finished in 3.00s, 5000.00 req/s, 710.38KB/s
requests: 15000 total, 15050 started, 15000 done, 14990 succeeded, 10 failed, 10 errored, 2 timeout
status codes: 14990 2xx, 0 3xx, 10 4xx, 0 5xx
"""

HEY = """
Summary:
  Total:	2.0028 secs
  Requests/sec:	4992.9

Latency distribution:
  50% in 0.0001 secs
  99% in 0.0123 secs

Status code distribution:
  [200]	9990 responses
  [503]	10 responses

Error distribution:
  [3]	Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused
"""

AUTOCANNON = '{"requests":{"total":15000,"sent":15050},"latency":{"p99":12},"errors":1,"timeouts":1,"non2xx":4}\n'


def test_h2load_counts_and_takes_its_p99_from_the_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(f"1700000000{i:06}\t200\t{i}\n" for i in range(1, 1001)))
    job = drivers.Job("http://127.0.0.1:1/", 3, 50, 5000, log=str(log))
    assert drivers.read_h2load(H2LOAD, job) == {"requests": 15000, "p99_ms": 0.99, "errors": 12}
    assert drivers.read_h2load(H2LOAD, JOB)["p99_ms"] is None


def test_hey_counts_answers_of_all_statuses_and_errors():
    assert drivers.read_hey(HEY, JOB) == {"requests": 10000, "p99_ms": pytest.approx(12.3), "errors": 13}


def test_autocannon_counts_errors_and_bad_statuses():
    assert drivers.read_autocannon(AUTOCANNON, JOB) == {"requests": 15000, "p99_ms": 12, "errors": 5}


def test_a_rate_is_shared_among_the_connections():
    assert "--rps=100" in drivers.h2load_command(JOB)
    assert drivers.hey_command(JOB)[drivers.hey_command(JOB).index("-q") + 1] == "100"
    assert "5000/s" in drivers.tenfold_command(JOB)


def test_the_quantile_is_a_value_that_so_many_do_not_pass():
    values = list(range(1, 101))
    random.Random(1).shuffle(values)
    assert [drivers.quantile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 50, 99, 100]
    assert drivers.quantile([7], 0.99) == 7


def schedule(count, rate, begin=10**15):
    return [begin + round(number * 1e9 / rate) for number in range(count)]


def test_an_exact_schedule_has_no_error_wherever_it_begins():
    errors = driver_bench.arrival_errors(schedule(20_000, 5000, begin=123_456_789), 5000)
    assert errors["rate_error_percent"] < 1e-6 and errors["error_most_ms"] < 1e-5


def test_a_late_request_is_an_error_of_its_lateness():
    times = schedule(20_000, 5000)
    for number in range(10_000, 10_300):  # 1.7 % of those behind the first half second
        times[number] += 3_000_000
    errors = driver_bench.arrival_errors(sorted(times), 5000)
    assert errors["error_p50_ms"] < 0.001
    # Sorted, the late ones come among those that follow: each is then late by no more than what it was.
    assert 2.5 < errors["error_p99_ms"] <= 3.0


def test_a_rate_that_is_off_shows_as_a_growing_error():
    errors = driver_bench.arrival_errors(schedule(20_000, 4950), 5000)
    assert errors["rate_error_percent"] == pytest.approx(1.0, abs=0.01)
    assert errors["error_p99_ms"] > 10


def test_bursts_at_the_right_rate_are_errors():
    times = [10**15 + (number // 50) * 10_000_000 for number in range(20_000)]
    errors = driver_bench.arrival_errors(times, 5000)
    assert errors["rate_error_percent"] < 0.5
    assert 4 < errors["error_p99_ms"] < 6
