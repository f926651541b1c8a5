"""Builds and runs the parts of ./test that are named, one after the other, and closes with "N passed, N failed".

A part that fails, or does not even build, is counted and the next one runs all the same. Called by ./test, which has
installed what is needed and tells through the environment:
  TENFOLD_COMPILE_JOBS  compile jobs at once
  TENFOLD_CLANG         major version of the clang for fuzzers (absent: fuzzers count as failed)
  TENFOLD_FUZZ_SECONDS  seconds for each fuzzer (default 10)
  TENFOLD_CHAOS_SECONDS, TENFOLD_CHAOS_SEED  of the part "chaos", which runs only if it is named
"""

import concurrent.futures
import dataclasses
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from tests_with_threads import tests_with_threads

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOBS = os.environ.get("TENFOLD_COMPILE_JOBS", "2")
FUZZ_SECONDS = int(os.environ.get("TENFOLD_FUZZ_SECONDS", "10"))
SANITIZER_PRESETS = ("asan", "tsan")
# The one clang-format version whose output is the project's format: versions disagree with each other.
CLANG_FORMAT = "clang-format-14"
PROGRESS_S = 30
UNIT_PROGRAM_TIMEOUT_S = 1200  # one that hangs; the longest takes five minutes, on a busy machine ten
SYSTEM_TIMEOUT_S = 1200


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = dataclasses.field(default_factory=list, compare=False)  # what to call each by, for the summary at the end

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


PASSED = Counts(passed=1)
SKIPPED = Counts(skipped=1)


def failure(name):
    return Counts(failed=1, failures=[name])


def cores():
    return len(os.sched_getaffinity(0))


def say(text):
    print(text, flush=True)


def gtest_counts(output, exit_code, program=""):
    """Counts from what a GoogleTest program printed. A program that dies counts the test it was in as failed."""
    started = re.findall(r"^\[ RUN      \] (\S+)", output, re.M)
    passed = re.findall(r"^\[       OK \] (\S+)", output, re.M)
    skipped = re.findall(r"^\[  SKIPPED \] (\S+) \(\d+ ms\)", output, re.M)
    failed = re.findall(r"^\[  FAILED  \] ([^\s,]+).*\(\d+ ms\)$", output, re.M)
    ended = {*passed, *skipped, *failed}
    failed += [f"{name} (ended in it)" for name in started if name not in ended]
    if exit_code != 0 and not failed:
        failed = [f"exit code {exit_code}"]  # A sanitizer's report at the end, or a death before the first test.
    if exit_code == 0 and not started:
        failed = ["no tests"]  # A test program without tests proves nothing.
    return Counts(len(passed), len(failed), len(skipped), [f"{program} {name}".strip() for name in failed])


def pytest_counts(summary_line):
    """Counts from pytest's last line, such as "3 failed, 5 passed, 1 skipped in 2.50s"."""
    found = {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", summary_line)}
    return Counts(
        passed=found.get("passed", 0) + found.get("xpassed", 0),
        failed=found.get("failed", 0) + found.get("error", 0) + found.get("errors", 0),
        skipped=found.get("skipped", 0) + found.get("xfailed", 0),
    )


def run(command, timeout_s=None, **options):
    """Runs to the end; returns (exit code, everything it printed). A program over its time is killed: code 124."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s,
                              cwd=ROOT, **options)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nnot done after {timeout_s} s: killed\n"
    except FileNotFoundError as missing:
        return 127, f"{missing}\n"


def run_saying_how_far(command, log, name):
    """Runs a build to the end, its output in a file; says every half minute how far it is, such as "[112/391]"."""
    started = time.monotonic()
    with open(log, "wb") as file, subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT) as process:
        while True:
            try:
                process.wait(PROGRESS_S)
                break
            except subprocess.TimeoutExpired:
                steps = re.findall(r"^\[\d+/\d+\]", log.read_text(errors="replace"), re.M)
                say(f"  {name}: {steps[-1] if steps else 'begins'} after {time.monotonic() - started:.0f} s")
    return process.returncode, log.read_text(errors="replace")


def configure(preset, *extra):
    """Configures build/PRESET once, or with other settings again; True when it is ready to build."""
    if (ROOT / "build" / preset / "build.ninja").exists() and not extra:
        return True
    code, output = run(["cmake", "--preset", preset, *extra])
    if code != 0:
        say(output)
    return code == 0


def build(preset, targets):
    """Builds as many targets as can be built: an error in one module does not hide the tests of the others."""
    started = time.monotonic()
    command = ["cmake", "--build", "--preset", preset, "-j", JOBS]
    command += ["--target", *targets] if targets else []
    code, output = run_saying_how_far([*command, "--", "-k", "0"], ROOT / "build" / f"{preset}.log", preset)
    if code != 0:
        wanted = re.compile(r"FAILED|error|undefined|ninja:")
        say("\n".join([line for line in output.splitlines() if wanted.search(line)][:60]))
    say(f"  {preset}: built in {time.monotonic() - started:.0f} s" + ("" if code == 0 else ", with errors"))
    return code == 0


def modules_with(ending):
    """(module's name, its folder below the root, its files with that ending) for each tenfold_module()."""
    for cmake in sorted(ROOT.glob("src/**/CMakeLists.txt")):
        for name in re.findall(r"^\s*tenfold_module\((\w+)", cmake.read_text(), re.M):
            files = sorted(cmake.parent.rglob(f"*{ending}"))
            if files:
                yield name, cmake.parent.relative_to(ROOT), files


def without_address_randomisation():
    """ThreadSanitizer of GCC 12 cannot start where the kernel randomises more bits than it knows of."""
    setarch = ["setarch", "-R"]
    return setarch if run([*setarch, "true"])[0] == 0 else []


def unit_programs(preset):
    """(name, folder below the build's) of each module's unit tests, the largest first, so that no core waits for the last
    one; ThreadSanitizer's only where a test can meet a thread."""
    modules = sorted(modules_with("_test.cpp"), key=lambda module: -len(module[2]))
    return [(f"{name}_test", folder) for name, folder, _ in modules
            if preset != "tsan" or tests_with_threads(ROOT / folder, ROOT / "src")]


def run_unit_program(preset, name, folder):
    """One program to its end: its counts, and what to say."""
    program = ROOT / "build" / preset / folder / name
    if not program.exists():
        return failure(f"{preset} {name}: not built"), f"  {preset} {name}: not built: 1 failed"
    prefix = without_address_randomisation() if preset == "tsan" else []
    started = time.monotonic()
    code, output = run([*prefix, str(program)], UNIT_PROGRAM_TIMEOUT_S)
    result = gtest_counts(output, code, f"{preset} {name}")
    said = f"  {preset} {name}: {result}, {time.monotonic() - started:.0f} s"
    return result, output[-20000:] + said if result.failed else said


def run_unit_programs(preset, programs):
    """One more at once than there are cores, since the largest wait much; what one says is shown whole, when it has ended."""
    return run_at_once(run_unit_program, [(preset, name, folder) for name, folder in programs], cores() + 1)


def run_at_once(job, each, at_once=None):
    """Counts of job(*arguments) for each; what a job has to say is shown whole, when it has ended."""
    counts = Counts()
    with concurrent.futures.ThreadPoolExecutor(at_once or cores()) as pool:
        running = [pool.submit(job, *arguments) for arguments in each]
        for done in concurrent.futures.as_completed(running):
            result, text = done.result()
            say(text)
            counts.add(result)
    return counts


def unit_tests(preset, *extra):
    """The unit tests of one preset, built first."""
    programs = unit_programs(preset)
    if configure(preset, *extra):
        build(preset, [name for name, _ in programs])
    return run_unit_programs(preset, programs)


def part_unit():
    counts = Counts()
    for preset in SANITIZER_PRESETS:
        counts.add(unit_tests(preset))
    return counts


def part_plain():
    """The unit tests without sanitizers on the objects of the release build, which ./run has made before."""
    return unit_tests("release", "-DTENFOLD_TESTS=ON")


def part_dev():
    """The unit tests without sanitizers, on the objects of day-to-day work."""
    return unit_tests("dev")


def part_elsewhere():
    """tools/elsewhere.sh prints as it goes and closes with a line of counts, as this does: that line is kept back."""
    failures, last = [], ""
    with subprocess.Popen(["tools/elsewhere.sh"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        for line in process.stdout:
            failed = re.match(r"  failed: (.*)", line)
            if failed:
                failures.append(failed.group(1))
            elif re.match(r"\d+ passed, \d+ failed", line):
                last = line
            else:
                print(line, end="", flush=True)
    counts = pytest_counts(last)
    counts.failures = failures
    if process.returncode != 0 and counts.failed == 0:
        counts.add(failure(f"elsewhere: exit code {process.returncode}"))
    return counts


def part_check():
    counts = Counts()

    def check(name, command):
        code, output = run(command)
        say(f"  {name}: {'passed' if code == 0 else 'failed'}")
        if code != 0:
            say(output)
        counts.add(PASSED if code == 0 else failure(name))

    check("include boundaries, file lengths, module READMEs", [sys.executable, "tools/check_boundaries.py"])
    check("includes of the standard library", [sys.executable, "tools/check_includes.py"])
    check("one name, one type", [sys.executable, "tools/check_odr.py"])
    check("private names, for sources compiled as one", [sys.executable, "tools/check_private_names.py"])
    sources = [str(path.relative_to(ROOT)) for ending in ("hpp", "cpp") for path in sorted(ROOT.glob(f"src/**/*.{ending}"))]
    if shutil.which(CLANG_FORMAT):
        code, output = run([CLANG_FORMAT, "--dry-run", "--Werror", *sources])
        say(f"  clang-format: {'passed' if code == 0 else f'failed; mend with {CLANG_FORMAT} -i FILE'}")
        for file in sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", output, re.M))):
            say(f"    {file}")
        counts.add(PASSED if code == 0 else failure("clang-format"))
    else:
        say(f"  clang-format: skipped, {CLANG_FORMAT} is not here")
        counts.add(SKIPPED)
    counts.add(run_pytest("tools"))
    counts.add(run_pytest("bench/peers"))
    counts.add(run_pytest("bench/siege"))
    return counts


def part_fuzz():
    counts = Counts()
    fuzzers = [(file.stem, folder) for _, folder, files in modules_with("_fuzz.cpp") for file in files]
    version = os.environ.get("TENFOLD_CLANG")
    if not version:
        say("  no clang 16 or later: no fuzzers")
        return failure("fuzzers: no clang")
    if configure("fuzz", f"-DCMAKE_CXX_COMPILER=clang++-{version}"):
        build("fuzz", [name for name, _ in fuzzers])
    counts.add(run_fuzzers([(name, ROOT / "build" / "fuzz" / folder / name) for name, folder in fuzzers]))
    return counts


def run_fuzzers(fuzzers, at_once=None):
    """(name, program) each, as many at once as there are cores."""
    return run_at_once(run_fuzzer, fuzzers, at_once)


def run_fuzzer(name, program):
    """One fuzzer over its corpus for some seconds: its counts, and what to say. New inputs go to a folder that is thrown
    away; a crash is kept."""
    if not program.exists():
        return failure(f"{name}: not built"), f"  {name}: not built: 1 failed"
    corpus = [ROOT / "fuzz" / "corpus" / folder for folder in (name, name.removesuffix("_fuzz"))]
    crashes = ROOT / "build" / "fuzz-crashes" / name
    crashes.mkdir(parents=True, exist_ok=True)
    dictionary = ROOT / "fuzz" / f"{name}.dict"
    with tempfile.TemporaryDirectory() as fresh:
        command = [str(program), fresh, *(str(folder) for folder in corpus if folder.is_dir()),
                   f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                   f"-artifact_prefix={crashes}/"]
        if dictionary.exists():
            command.append(f"-dict={dictionary}")
        code, output = run(command, FUZZ_SECONDS * 4 + 120)
    if code != 0:
        return failure(name), f"{output[-8000:]}\n  {name}: failed; the input is in {crashes}"
    executed = re.search(r"number_of_executed_units: (\d+)", output)
    return PASSED, f"  {name}: passed, {executed.group(1) if executed else '?'} inputs"


def run_pytest(folder, *options, timeout_s=SYSTEM_TIMEOUT_S):
    """pytest's own last line is kept back: the one line of that form is ours, at the end."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-rfEs", "-p", "no:cacheprovider", "--color=no", *options, folder]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", env={**os.environ, "PYTHONUNBUFFERED": "1"})
    late = threading.Timer(timeout_s, process.terminate)
    late.start()
    last = ""
    failures = []
    for line in process.stdout:
        failures += re.findall(r"^(?:FAILED|ERROR) (\S+::.*?)(?: - .*)?$", line)
        if re.search(r"\b(passed|failed|error|errors|skipped|no tests ran)\b.* in [\d.]+s", line):
            last = line
        else:
            print(line, end="", flush=True)
    code = process.wait()
    if not late.is_alive():
        say(f"{folder}: not done after {timeout_s} s")
    late.cancel()
    result = pytest_counts(last)
    if code != 0 and result.failed == 0:
        result.failed = 1
        failures.append(f"{folder}: exit code {code}")
    result.failures = failures
    say(f"  {folder}{''.join(f' {word}' for word in options)}: {result}")
    return result


def side_by_side():
    """pytest's words for several files of tests at once: most of their time they wait. None without pytest-xdist."""
    if importlib.util.find_spec("xdist") is None:
        say("  pytest-xdist is not here: one file of tests after the other")
        return []
    return ["-n", str(cores() + 1), "--dist", "loadfile"]


def part_system():
    if not configure("release") or not build("release", ["tenfold", "oncall_sip_call", "guard_pages"]):
        say("  no build/release/tenfold: the system tests cannot run")
        return failure("system tests: no build/release/tenfold")
    counts = run_pytest("tests/system", "-m", "not alone", *side_by_side())
    counts.add(run_pytest("tests/system", "-m", "alone"))
    return counts


def part_chaos():
    """tests/chaos before the program with AddressSanitizer; what it says is shown as it comes."""
    if not configure("asan") or not build("asan", ["tenfold"]):
        say("  no build/asan/tenfold: nothing to try")
        return failure("chaos: no build/asan/tenfold")
    command = ["nice", sys.executable, "-B", "tests/chaos", "--seconds", os.environ.get("TENFOLD_CHAOS_SECONDS", "600")]
    if seed := os.environ.get("TENFOLD_CHAOS_SEED"):
        command += ["--seed", seed]
    return PASSED if subprocess.run(command, cwd=ROOT, check=False).returncode == 0 else failure("chaos")


PARTS = {"check": part_check, "unit": part_unit, "fuzz": part_fuzz, "system": part_system,
         "chaos": part_chaos, "dev": part_dev, "plain": part_plain, "elsewhere": part_elsewhere}


def main(names):
    total = Counts()
    (ROOT / "build").mkdir(exist_ok=True)
    for name in names:
        say(f"== {name}")
        started = time.monotonic()
        try:
            counts = PARTS[name]()
        except Exception as error:  # pylint: disable=broad-except  # A fault in a part must not hide the others.
            say(f"  {name}: {error!r}")
            counts = failure(f"{name}: {error!r}")
        say(f"== {name}: {'good' if counts.failed == 0 else 'NOT GOOD'}, {time.monotonic() - started:.0f} s")
        total.add(counts)
        if counts.passed + counts.failed == 0:
            total.add(failure(f"{name}: nothing ran"))  # A part that counted nothing did not run.
    for name in total.failures:
        say(f"  failed: {name}")
    say(str(total))
    return 0 if total.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
