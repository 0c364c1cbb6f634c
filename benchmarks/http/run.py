"""What a decision over HTTP costs: pairs of servers on one core, asked the same in turn by a
generator on another core. Prints Markdown; README.md of the folder above says how to read it.
Only the standard library; script/bench-http builds and starts this.

Each figure is a pair's own ratio or one run's own value; of all pairs the minimum, the median and
the maximum are told, never a mean. Within a pair the two servers alternate in who is first.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from servers import CallerKey, Cerbos, Certificates, Constant, Portvakt

LEVELS = (1, 16, 64)
PARTS = ("clear", "tls", "log", "callers", "batch", "cerbos")
# What the medians are held against: CPU a request and p99 at 64 connections at most so many times
# the constant's; CPU a request with the decision log against without; Cerbos at least so many times
# Portvakt's CPU and so small a part of its rate; decisions of batches a second; memory after the
# load against after the warm-up.
CPU_BAR, P99_BAR = 1.18, 1.5
LOG_BAR = 1.10
CERBOS_CPU_BAR, CERBOS_RATE_BAR = 12, 7
BATCH_BAR = 500_000
MEMORY_BAR = 1.10


class Generator:
    """Runs bench_load, pinned away from the servers."""

    def __init__(self, binary, core):
        self.command = ["taskset", "-c", str(core), str(binary)]

    def ask(self, server, bodies, path="/access/v1/evaluation", **options):
        words = ["--port", str(server.port), "--bodies", str(bodies), "--path", path]
        words += ["--pid", str(server.pid)]
        if server.authority:
            words += ["--ca", str(server.authority)]
        if server.field:
            words += ["--field", server.field]
        for name, value in options.items():
            words += ["--" + name, str(value)]
        done = subprocess.run(self.command + words, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"bench-http: {server.name} failed a request: {done.stdout.strip()}")
        return json.loads(done.stdout) if done.stdout else None


def spread(values, digits=2):
    """`median (minimum .. maximum)`"""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} .. {high:,.{digits}f})"


def verdict(value, bar, at_most=True):
    return "holds" if (value <= bar if at_most else value >= bar) else "**does not hold**"


def measure_pairs(args, generator, left, right, bodies, connections):
    """Runs of two servers in alternating order: [(left, right), ..]"""
    pairs = []
    for number in range(args.pairs):
        order = (left, right) if number % 2 == 0 else (right, left)
        runs = {
            server.name: generator.ask(
                server, bodies, connections=connections, seconds=args.seconds
            )
            for server in order
        }
        pairs.append((runs[left.name], runs[right.name]))
    return pairs


def row(name, runs):
    columns = [
        spread([run["cpu_us"] for run in runs], 1),
        spread([run["rate"] for run in runs], 0),
        spread([run["p50_us"] for run in runs], 0),
        spread([run["p99_us"] for run in runs], 0),
    ]
    return "| " + " | ".join([name] + columns) + " |"


def compare(args, generator, left, right, bodies, title):
    """Tables of one pair of servers at every level; returns the ratios right / left."""
    ratios = {}
    print(f"\n### {title}\n")
    print("| connections, server | CPU a request, µs | requests a second | p50, µs | p99, µs |")
    print("|---|---:|---:|---:|---:|")
    for connections in args.connections:
        pairs = measure_pairs(args, generator, left, right, bodies, connections)
        for which, server in enumerate((left, right)):
            print(row(f"{connections}, {server.name}", [pair[which] for pair in pairs]), flush=True)
        ratios[connections] = {
            what: [two[what] / one[what] for one, two in pairs]
            for what in ("cpu_us", "rate", "p99_us")
        }
    print(f"\n| {right.name} / {left.name}, by pair | CPU a request | rate | p99 |")
    print("|---|---:|---:|---:|")
    for connections, of in ratios.items():
        columns = " | ".join(spread(of[what]) for what in ("cpu_us", "rate", "p99_us"))
        print(f"| {connections} connections | {columns} |")
    return ratios


def median_of(ratios, connections, what):
    return statistics.median(ratios[connections][what])


def against_constant(args, generator, work, tls):
    words = "over TLS" if tls else "in clear"
    with Constant(args, work, tls) as constant, Portvakt(args, work, tls) as portvakt:
        single = work / "single.jsonl"
        for server in (constant, portvakt):
            generator.ask(server, single, connections=max(args.connections), seconds=args.warm_up)
        before = portvakt.anonymous_kib()
        ratios = compare(args, generator, constant, portvakt, single, f"A decision, {words}")
        after = portvakt.anonymous_kib()
    print()
    for connections in args.connections:
        value = median_of(ratios, connections, "cpu_us")
        print(f"* {connections} connections: {value:.3f} times the constant's CPU; the bar "
              f"{CPU_BAR} {verdict(value, CPU_BAR)}")
    if 64 in args.connections:
        value = median_of(ratios, 64, "p99_us")
        print(f"* p99 at 64 connections: {value:.2f} times; the bar {P99_BAR} "
              f"{verdict(value, P99_BAR)}")
    growth = after / before
    print(f"* anonymous memory {before} KiB after the warm-up, {after} KiB after the load: "
          f"{growth:.3f}; the bar {MEMORY_BAR} {verdict(growth, MEMORY_BAR)}")


def with_and_without(args, generator, work, title, bar=None, **more):
    """What a part of Portvakt costs: its own pairs, without it and with it, over one store."""
    name = f"with {title}"
    with Portvakt(args, work) as plain, Portvakt(args, work, name=name, **more) as other:
        single = work / "single.jsonl"
        for server in (plain, other):
            generator.ask(server, single, connections=max(args.connections), seconds=args.warm_up)
        ratios = compare(args, generator, plain, other, single, f"A decision {name}")
    print()
    for connections in args.connections:
        value = median_of(ratios, connections, "cpu_us")
        held = f"; the bar {bar} {verdict(value, bar)}" if bar else ""
        print(f"* {connections} connections: {value:.3f} times the CPU of without{held}")


def batches(args, generator, work):
    print("\n### Batches of 1,000\n")
    with Portvakt(args, work) as portvakt:
        ask = lambda: generator.ask(portvakt, work / "batch.jsonl", "/access/v1/evaluations",
                                    connections=4, seconds=args.seconds)
        ask()
        runs = [ask() for _ in range(args.pairs)]
    a_second = [1e6 * (run["permits"] + run["denies"]) / run["answered"] / run["cpu_us"]
                for run in runs]
    print(f"Decisions for each second of the server's CPU: {spread(a_second, 0)}; the bar "
          f"{BATCH_BAR:,.0f} {verdict(statistics.median(a_second), BATCH_BAR, at_most=False)}.")


def against_cerbos(args, generator, work):
    wide = work / "wide.jsonl"
    with Portvakt(args, work) as portvakt, Cerbos(args, work) as cerbos:
        answers = []
        for server in (portvakt, cerbos):
            generator.ask(server, work / "agreement.jsonl", once=work / f"{server.name}.txt")
            answers.append((work / f"{server.name}.txt").read_text().split())
        permits = answers[0].count("permit")
        if answers[0] != answers[1] or not 0 < permits < len(answers[0]):
            sys.exit("bench-http: the two servers do not decide alike; nothing to compare")
        print(f"\nBoth decide {len(answers[0]):,} questions alike, {permits:,} of them permits.")
        for server in (portvakt, cerbos):
            generator.ask(server, wide, connections=max(args.connections), seconds=args.warm_up)
        ratios = compare(args, generator, portvakt, cerbos, wide,
                         "The same bodies, with their facts in them")
    print()
    for connections in args.connections:
        value = median_of(ratios, connections, "cpu_us")
        print(f"* {connections} connections: {value:.1f} times Portvakt's CPU; the bar "
              f"{CERBOS_CPU_BAR} {verdict(value, CERBOS_CPU_BAR, at_most=False)}")
    for connections in set(args.connections) - {1}:
        value = 1 / median_of(ratios, connections, "rate")
        print(f"* {connections} connections: Portvakt answers {value:.1f} times as many; the bar "
              f"{CERBOS_RATE_BAR} {verdict(value, CERBOS_RATE_BAR, at_most=False)}")


def prepare(args, work):
    made = subprocess.run([args.build / "bench_prepare", work, str(args.ticks)], check=True,
                          stdout=subprocess.PIPE, text=True)
    print(made.stdout)
    with open(work / "wide.jsonl") as wide, open(work / "agreement.jsonl", "w") as some:
        some.writelines(line for line, _ in zip(wide, range(args.agreement)))


def main():
    parser = argparse.ArgumentParser(prog="script/bench-http", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="15 at least for figures to keep")
    parser.add_argument("--seconds", type=float, default=3, help="of one run")
    parser.add_argument("--warm-up", type=float, default=3, help="seconds")
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, nargs="+", default=LEVELS)
    parser.add_argument("--agreement", type=int, default=20_000,
                        help="questions that both must decide alike first")
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--portvakt", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cerbos", type=pathlib.Path, help="its program; left out without one")
    args = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("bench-http: needs two cores: one for the server, one for the generator")
    args.core = cores[0]
    generator = Generator(args.build / "bench_load", cores[1])
    with tempfile.TemporaryDirectory(prefix="portvakt-bench-") as folder:
        work = pathlib.Path(folder)
        prepare(args, work)
        print(f"{args.pairs} pairs of runs of {args.seconds:g} s; median (minimum .. maximum)")
        if "clear" in args.only:
            against_constant(args, generator, work, tls=None)
        if "tls" in args.only:
            against_constant(args, generator, work, Certificates(work))
        if "log" in args.only:
            with_and_without(args, generator, work, "the decision log", LOG_BAR,
                             decision_log={"directory": str(work / "decisions"), "segments": 4})
        if "callers" in args.only:
            with_and_without(args, generator, work, "API keys",
                             key=CallerKey(args, work, "decide"))
        if "batch" in args.only:
            batches(args, generator, work)
        if "cerbos" in args.only and args.cerbos:
            against_cerbos(args, generator, work)


if __name__ == "__main__":
    main()
