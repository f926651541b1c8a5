"""What is read from wrk's output."""

import scenarios

OUTPUT = """Running 3s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.90ms    2.00ms  30.00ms   92.50%
    Req/Sec    31.00k     2.00k   35.00k    99.50%
  Latency Distribution
     50%  889.00us
     75%    1.69ms
     90%    3.20ms
     99%    1.05s
  93000 requests in 3.00s, 110.00MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 4
Requests/sec:  31000.00
"""


def test_reads_counts_latencies_and_every_kind_of_error():
    assert scenarios.parse_wrk(OUTPUT) == {"requests": 93000, "per_s": 31000.0, "p50_ms": 0.889, "p99_ms": 1050.0, "errors": 7}
