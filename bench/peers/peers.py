"""The edge beside its peers on one machine: see bench/peers/README.md and --help."""

import argparse
import contextlib
import pathlib
import sys
import tempfile

import report
import scenarios
import servers

ROUNDS_OF_A_RECORD = 5  # Fewer are good for a look, not for docs/BENCHMARKS.md.
WARM_UP_S = 1
PROGRAMS = ("tenfold", "nginx", "haproxy", "varnish")


def start(name, folder, origin_port):
    if name == "tenfold":
        return servers.start_tenfold(folder, origin_port, report.ROOT / "build" / "release" / "tenfold")
    if name == servers.FLOOR:
        return servers.start_blind_relay(origin_port, report.ROOT / "build" / "blind_relay")
    return {"nginx": servers.start_nginx, "haproxy": servers.start_haproxy,
            "varnish": servers.start_varnish}[name](folder, origin_port)


def measure(scenario, names, arguments):
    """[{server: numbers}] for each round. All programs run all the time; the load visits them in turn."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tenfold-peers-")))
        folder.chmod(0o755)
        servers.make_certificate(folder)
        origin = servers.start_origin(folder)
        stack.callback(origin.stop)
        if scenario.idle:
            return [idle_round(scenario, names, folder, origin.port) for _ in range(arguments.rounds)]
        running = []
        for name in names:
            server = start(name, folder, origin.port)
            stack.callback(server.stop)
            server.wait_until_it_answers(scenario.path)
            scenarios.load(scenario, server, WARM_UP_S)
            running.append(server)
        rounds = []
        for number in range(arguments.rounds):
            rounds.append({server.name: scenarios.load(scenario, server, arguments.seconds) for server in running})
            words = ", ".join(f"{name} {value['cpu_us']:.1f}" for name, value in rounds[-1].items())
            print(f"  {scenario.name} round {number + 1} of {arguments.rounds}, CPU µs/request: {words}", file=sys.stderr)
        return rounds


def idle_round(scenario, names, folder, origin_port):
    """Each program fresh: memory that an earlier round left in its allocator would hide what a connection takes."""
    numbers = {}
    for name in names:
        server = start(name, folder, origin_port)
        try:
            server.wait_until_it_answers(scenario.path)
            numbers[name] = scenarios.idle(scenario, server)
        finally:
            server.stop()
    return numbers


def main():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description="Measures the edge beside its peers.")
    known = [scenario.name for scenario in scenarios.SCENARIOS]
    parser.add_argument("--only", action="append", choices=known, help="this measurement only; may be repeated")
    parser.add_argument("--skip", action="append", default=[], choices=PROGRAMS, help="without this program")
    parser.add_argument("--rounds", type=int, default=ROUNDS_OF_A_RECORD, help="default %(default)s")
    parser.add_argument("--seconds", type=int, default=5, help="of load on each program in each round; default %(default)s")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds < 1:
        parser.error("rounds and seconds are at least 1")
    scenarios.raise_file_limit()
    for scenario in scenarios.SCENARIOS:
        if arguments.only and scenario.name not in arguments.only:
            continue
        names = [name for name in ("tenfold", *scenario.peers) if name not in arguments.skip]
        if scenario.floor:
            names.append(servers.FLOOR)
        rounds = measure(scenario, names, arguments)
        print(report.terminal_table(scenario, report.median_of(rounds)) + "\n", flush=True)
        if arguments.rounds >= ROUNDS_OF_A_RECORD and "tenfold" in names and set(scenario.peers) <= set(names):
            report.save(scenario.name, rounds, arguments.seconds)
            report.write_document(scenarios.SCENARIOS)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(5)
