"""Orders kept under attack, for every contender: see README.md here and --help."""

import argparse
import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import shutil
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import contenders
import document
import plan
import report  # bench/peers
import results
import rows
import soak

ROOT = contenders.ROOT
DRIVER = ROOT / "build" / "release" / "bench" / "siege" / "siege_driver"
QUICK = plan.Timing(earlier_s=3, calm_s=6, siege_s=16, settle_s=4)
WORDS = ["teapot", "mug", "oak", "lamp", "sage", "bowl", "chair", "blue", "desk", "linen"]
GRACE_S = 30  # for the driver to end after the run


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def paths_of_shop(port):
    """What there is to ask for, from the shop's sitemap."""
    paths = re.findall(r"<loc>https?://[^/<]+(/[^<]*)</loc>", fetch(port, "/sitemap.xml"))
    return {"categories": [path for path in paths if path.startswith("/c/")],
            "products": [path for path in paths if path.startswith("/p/")], "words": WORDS}


def raise_descriptor_limit():
    """For the contenders, as root."""
    with contextlib.suppress(ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (70_000, 70_000))


def stay_ahead():
    """Before others of this machine: their work would be taken for the contender's slowness."""
    with contextlib.suppress(PermissionError):
        os.nice(-20)


def drive(driver_program, scenario, folder, contender, shop, tool):
    """(the driver's record, {phase: (when it began, CPU seconds by then of contender and shop)}). `tool`: a command that
    attacks as well; None: none."""
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario))
    marks = {}
    command = ["taskset", "-c", str(contenders.DRIVER_CORE), str(driver_program), str(file)]
    with contextlib.ExitStack() as stack:
        driver = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        try:
            for line in driver.stdout:
                if line.startswith("{"):
                    (folder / "record.json").write_text(line)
                    return json.loads(line), marks
                marks[line.strip()] = (time.monotonic(), contender.cpu_s(), shop.cpu_s())
                if line.strip() == "siege" and tool:
                    attacker = subprocess.Popen(["taskset", "-c", str(contenders.DRIVER_CORE), *tool], cwd=folder,
                                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    stack.callback(end, attacker)
        finally:
            try:
                driver.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                driver.kill()
    raise RuntimeError(f"the driver ended with {driver.returncode}")


def end(process):
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def targets_of(contender):
    targets = {"target": f"127.0.0.1:{contender.port}", "target_v6": f"[::1]:{contender.port}"}
    if contender.tls_port:
        targets["tls_target"] = f"127.0.0.1:{contender.tls_port}"
    return targets


def run_one(row, name, seed, timing, driver_program=DRIVER, keep=None, watch=None):
    with tempfile.TemporaryDirectory(prefix="tenfold-siege-") as folder_name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(folder_name)
        folder.chmod(0o755)
        if keep:
            stack.callback(shutil.copytree, folder, pathlib.Path(keep) / f"{row.name}.{name}.{seed}", dirs_exist_ok=True)
        shop = contenders.start_shop(folder, row.shop_times)
        stack.callback(shop.stop)
        contender = contenders.start(name, folder, shop.port)
        stack.callback(contender.stop)
        if name == "fail2ban" and not os.environ.get("SIEGE_NAMESPACE"):
            raise contenders.Unfit("bans with nftables, which it only may in a namespace of its own")
        if row.needs_v6 and (name == "none" or not os.environ.get("SIEGE_NAMESPACE")):
            raise contenders.Unfit("IPv6 needs a namespace of its own, and a listener for it")
        if contender.tls_port is None and any(wave.what == "tls_handshake" for wave in row.waves(timing)):
            raise contenders.Unfit("speaks no TLS")
        scenario = plan.scenario(row, seed, timing, paths_of_shop(shop.port), targets_of(contender))
        tool = row.tool and row.tool(contender.port, timing.siege_s)
        if watch:
            stack.enter_context(watch.over(contender))
        record, marks = drive(driver_program, scenario, folder, contender, shop, tool)
        found = results.cell(scenario["visits"], record, timing)
        (began, cpu_began, shop_began), (ended, cpu_ended, shop_ended) = marks["siege"], marks["end"]
        found["cpu_share"] = (cpu_ended - cpu_began) / (ended - began)
        found["shop_cpu_share"] = (shop_ended - shop_began) / (ended - began)
        found["driver_cpu_share"] = record["cpu_s"] / (ended - began)
        found["resident_mib"] = contender.resident_bytes() / 2**20
        if name == "tenfold-kernel":
            found["kernel_dropped_packets"] = contenders.guard_of(contender)["kernel"]["dropped_packets_total"]
        found["orders"] = {"by_shop": json.loads(fetch(shop.port, "/control/status"))["orders"],
                           "by_driver": sum(each["outcome"] == "ordered" for each in record["visits"]),
                           "earlier": sum(visit.get("earlier_order", False) for visit in scenario["visits"])}
        found["seconds"] = [wave["seconds"] for wave in record["waves"]]
        return found


def words_of(found):
    pages, attack, customers = found["pages"], found["attack"], found["customers"]
    kept = "-" if found["kept_share"] is None else f'{found["kept_share"]:6.1%}'
    p99 = "-" if pages["felt_p99_ms"] is None else f'{pages["felt_p50_ms"]:.0f}/{pages["felt_p99_ms"]:.0f} ms'
    first = "-" if attack["first_measure_s"] is None else f'{attack["first_measure_s"]:.2f} s'
    dropped = f', {found["kernel_dropped_packets"]} packets dropped in the kernel' if "kernel_dropped_packets" in found else ""
    return (f'kept {kept} of {found["counted"]}, pages p50/p99 {p99}, refused {customers["refused"]} challenged '
            f'{customers["challenged"]} queued {customers["queued"]} of {customers["there"]}, first measure {first}, passed '
            f'{attack["fate"].get("passed", 0)} of {attack["planned"]}, CPU {found["cpu_share"]:.0%} (shop {found["shop_cpu_share"]:.0%}), late p99 '
            f'{found["late_p99_ms"]:.1f} ms, driver {found["driver_cpu_share"]:.0%}{dropped}' + "".join(f" INVALID: {why}" for why in found["invalid"]))


@functools.cache
def commit():
    """Of the build, unless SIEGE_COMMIT says another: the program may have been copied here."""
    return os.environ.get("SIEGE_COMMIT") or report.machine()["tenfold"]


def save(row, name, seed, timing, found, folder):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{row.name}.{name}.{seed}.json"
    file.write_text(json.dumps({"row": row.name, "contender": name, "seed": seed, "timing": dataclasses.asdict(timing),
                                "date": time.strftime("%Y-%m-%d"), "commit": commit(), "found": found}, indent=1))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/siege/run", description=__doc__)
    parser.add_argument("--rows", default="", help=f"some of {','.join(row.name for row in rows.ROWS)}")
    parser.add_argument("--contenders", default=",".join(contenders.STARTS), help=f"some of {','.join(contenders.STARTS)}")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each cell, with seeds 1 to this")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="shorter runs, for a look")
    parser.add_argument("--driver", default=str(DRIVER), help="another build of siege_driver, such as one with sanitizers")
    parser.add_argument("--ahead", action="store_true", help="at a higher priority than others of this machine; needs root")
    parser.add_argument("--lost", action="store_true", help="say why orders were lost")
    parser.add_argument("--keep", help="a folder to keep each run's logs and stores in")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="all sorts of attacks at once for so long, and what Tenfold then holds")
    parser.add_argument("--document", action="store_true", help="only write docs/SIEGE.md anew, from the runs that there are")
    parser.add_argument("--json", action="store_true", help="each run's numbers on standard output")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    # So that what was started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench/siege/run: told to end"))
    try:
        chosen = rows.named([name for name in arguments.rows.split(",") if name])
        names = [name for name in arguments.contenders.split(",") if name]
        for name in names:
            (contenders.STARTS | contenders.CHECKS)[name]  # pylint: disable=pointless-statement
    except KeyError as unknown:
        sys.exit(f"bench/siege/run: there is no {unknown}")
    if arguments.document:
        document.write(plan.Timing())
        return
    timing, folder = (QUICK, document.RESULTS / "quick") if arguments.quick else (plan.Timing(), document.RESULTS)
    if arguments.ahead:
        stay_ahead()
    raise_descriptor_limit()
    if arguments.soak:
        watch = soak.Watch()
        found = run_one(soak.ROW, "tenfold", arguments.first_seed, soak.timing(arguments.soak), arguments.driver, arguments.keep, watch)
        print(f"soak: {words_of(found)}\nsoak: {soak.words(watch.samples)}")
        return
    for row in chosen:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            for name in names:
                try:
                    found = run_one(row, name, seed, row.timing(timing), arguments.driver, arguments.keep)
                except contenders.Unfit as unfit:
                    print(f"{row.name:20} {name:16} {unfit}", file=sys.stderr)
                    continue
                save(row, name, seed, row.timing(timing), found, folder)
                print(f"{row.name:20} {name:16} seed {seed}: {words_of(found)}", file=sys.stderr)
                if arguments.lost:
                    for why, count in found["lost"].items():
                        print(f"    {count} × {why}", file=sys.stderr)
                if arguments.json:
                    print(json.dumps(found))
    if not arguments.rows and not arguments.quick and arguments.seeds >= document.SEEDS_OF_A_RECORD:
        document.write(timing)


if __name__ == "__main__":
    main()
