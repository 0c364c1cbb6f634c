"""A long time at full load on a server as operators run it (TLS, API keys, decision log, access log),
while everything else happens too: changes, policies activated, certificates renewed, connections
that are cut off half-way. At its end nothing may have failed or grown:

  every request that was sent whole got a decision; every change and activation was made;
  anonymous memory under load is within 10 % of what it was after the warm-up; no descriptor more
  than before the load; SIGTERM ends the server with exit code 0.

Only the standard library; script/soak builds and starts this.
"""

import argparse
import http.client
import json
import pathlib
import re
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

from servers import CallerKey, Certificates, Portvakt

MEMORY_BAR = 1.10
CONNECTIONS = 64
DROP_EVERY = 500
PAUSE_SECONDS = 0.01
CHANGE_SECONDS = 0.05
RENEWAL_SECONDS = 3
ACTIVATION_SECONDS = 4
ROTATION_SECONDS = 5
SETTLE_SECONDS = 5
# Until then the allocator's own memory still grows while what is in use does not: handshakes and
# batches leave gaps in its heaps, until those hold the most that was ever wanted at once. A run of
# less than twice the time tells the memory and does not judge it.
WARM_UP_SECONDS = 60
# Each side of the comparison is the median over this share of the time.
MEMORY_SHARE = 0.1
SAMPLE_SECONDS = 0.5
# Segments that a soak fills many times over, so that old ones go while it runs; and a queue that
# batches fill, which loses lines and keeps the bounded part of the memory small beside a leak.
DECISION_LOG = {"mode": "best_effort", "segment_bytes": 8 << 20, "segments": 4,
                "queue_bytes": 1 << 20}
ACCESS_LOG = "access.jsonl"
CHANGED_RULE = """
forbid soak "the other of the two versions that take turns"
    user may any of boxes in client
    if  client.status is dormant
"""


class Api:
    """Requests beside the load, one connection."""

    def __init__(self, server, key):
        trusted = ssl.create_default_context(cafile=server.authority)
        self.connection = http.client.HTTPSConnection("localhost", server.port, timeout=30,
                                                      context=trusted)
        name, value = key.field.split(": ", 1)
        self.fields = {name: value, "Content-Type": "application/json"}

    def get(self, path):
        return self._ask("GET", path, None)

    def post(self, path, body):
        return self._ask("POST", path, json.dumps(body))

    def metric(self, name):
        self.connection.request("GET", "/metrics", headers=self.fields)
        page = self.connection.getresponse().read().decode()
        return float(re.search(rf"^{name} (\S+)$", page, re.M)[1])

    def _ask(self, method, path, text):
        self.connection.request(method, path, text, self.fields)
        answer = self.connection.getresponse()
        read = answer.read().decode()
        if answer.status not in (200, 201):
            raise SystemExit(f"soak: {path} answered {answer.status}: {read}")
        return json.loads(read)


def ticks_of(single):
    """Changes that a client's own administrator may make: (actor, fact), from permitted bodies."""
    for line in single.read_text().splitlines()[::2]:
        body = json.loads(line)
        number = int(re.search(r"\d+", body["resource"]["id"])[0])
        if number % 2 == 0:
            yield {"type": "user", "id": f"o{number}"}, {
                "subject": body["subject"], "relation": "granted",
                "symbol": body["action"]["name"], "object": body["resource"]}


class Changes:
    """Takes a tick away and gives it back, again and again."""

    def __init__(self, api, ticks):
        self.api, self.ticks, self.taken = api, ticks, None

    def step(self):
        if self.taken is None:
            self.taken = next(self.ticks)
            kind = "remove"
        else:
            kind = "add"
        actor, fact = self.taken
        self.api.post("/v1/changes", {"actor": actor, "changes": [{kind: fact}]})
        if kind == "add":
            self.taken = None


class Activations:
    """Two versions of the policy take turns. Both are uploaded each time, which checks them; what
    is stored already keeps its number."""

    def __init__(self, api):
        self.api = api
        active = api.get("/v1/policies/active")
        self.digest = active["digest"]
        changed = [dict(file) for file in active["files"]]
        main = next(file for file in changed if file["name"].endswith("byra.vakt"))
        main["text"] += CHANGED_RULE
        self.next, self.then = changed, active["files"]

    def step(self):
        stored = self.api.post("/v1/policies", {"files": self.next})
        activated = self.api.post(f"/v1/policies/{stored['version']}/activate",
                                  {"expected": self.digest})
        self.digest = activated["digest"]
        self.next, self.then = self.then, self.next


class Rotation:
    """The access log as logrotate treats it: moved away, the server told, the old one deleted."""

    def __init__(self, server, log):
        self.server, self.log = server, log
        self.moved = log.with_suffix(".old")

    def step(self):
        self.log.rename(self.moved)
        self.server.process.send_signal(signal.SIGHUP)
        if not settle(self.log.exists, lambda is_there: is_there):
            raise SystemExit("soak: the access log was not opened anew")
        self.moved.unlink()


class Memory:
    """Anonymous memory over time, while the load lasts."""

    def __init__(self, server):
        self.server, self.samples = server, []

    def step(self):
        self.samples.append(self.server.anonymous_kib())

    def grown(self, seconds):
        """(KiB when warm, KiB at the end)"""
        share = max(1, int(seconds * MEMORY_SHARE / SAMPLE_SECONDS))
        warm = int(min(WARM_UP_SECONDS, seconds / 2) / SAMPLE_SECONDS)
        return (int(statistics.median(self.samples[warm:warm + share])),
                int(statistics.median(self.samples[-share:])))


class Every:
    """Calls `act` whenever so many seconds have passed, counted from 0."""

    def __init__(self, seconds, act):
        self.seconds, self.act, self.made = seconds, act, 0

    def look(self, elapsed):
        if elapsed >= (self.made + 1) * self.seconds:
            self.act()
            self.made += 1


def start_load(args, server, key, work, bodies, path, connections):
    words = [args.build / "bench_load", "--port", server.port, "--ca", server.authority,
             "--bodies", work / bodies, "--path", path, "--connections", connections,
             "--field", key.field, "--seconds", args.seconds, "--drop", DROP_EVERY]
    return subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)


def settle(measure, wanted):
    """What is measured, once it is as wanted or does not change any more."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not wanted(measure()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return measure()


def load_and_disturb(args, server, key, work, certificates):
    """The load with everything beside it; returns what failed."""
    failures = []
    api, memory = Api(server, key), Memory(server)
    beside = {"changes": Every(CHANGE_SECONDS, Changes(api, ticks_of(work / "single.jsonl")).step),
              "activations": Every(ACTIVATION_SECONDS, Activations(api).step),
              "certificates": Every(RENEWAL_SECONDS, certificates.renew),
              "rotations": Every(ROTATION_SECONDS, Rotation(server, work / ACCESS_LOG).step),
              "looks at the memory": Every(SAMPLE_SECONDS, memory.step)}
    begun = time.monotonic()
    loads = [start_load(args, server, key, work, "single.jsonl", "/access/v1/evaluation",
                        CONNECTIONS),
             start_load(args, server, key, work, "batch.jsonl", "/access/v1/evaluations", 2)]
    while (elapsed := time.monotonic() - begun) < args.seconds:
        for what in beside.values():
            what.look(elapsed)
        time.sleep(PAUSE_SECONDS)
    for load in loads:
        out, _ = load.communicate()
        counts = json.loads(out)
        print(f"{counts['answered']:,} answers, {counts['permits']:,} permits, "
              f"{counts['dropped']:,} requests cut off, {counts['failed']} failed, "
              f"p99 {counts['p99_us']:,.0f} us")
        if load.returncode != 0 or counts["failed"] or not counts["answered"]:
            failures.append("a request got no decision")
    print(", ".join(f"{what.made:,} {name}" for name, what in beside.items()))
    print(f"decision log: {api.metric('portvakt_decision_log_lines_total'):,.0f} lines written, "
          f"{api.metric('portvakt_decision_log_lost_total'):,.0f} lost")
    warm_kib, end_kib = memory.grown(args.seconds)
    print(f"anonymous memory {warm_kib:,} KiB when warm, {end_kib:,} KiB at the end")
    if args.seconds < 2 * WARM_UP_SECONDS:
        print("which is too short to judge it")
    elif end_kib > MEMORY_BAR * warm_kib:
        failures.append("memory has grown")
    return failures


def run(args, work):
    subprocess.run([args.build / "bench_prepare", work, str(args.ticks)], check=True)
    certificates = Certificates(work)
    key = CallerKey(args, work, "decide,change,policy,operate", "--names-actor")
    as_operated = {"decision_log": {"directory": str(work / "decisions"), **DECISION_LOG},
                   "access_log": {"to": "file", "file": str(work / ACCESS_LOG)}}
    with Portvakt(args, work, certificates, key, **as_operated) as server:
        # What is opened once is open before it is counted.
        first = json.loads((work / "single.jsonl").read_text().split("\n", 1)[0])
        Api(server, key).post("/access/v1/evaluation", first)
        descriptors = server.descriptors()
        failures = load_and_disturb(args, server, key, work, certificates)
        left = settle(server.descriptors, lambda count: count <= descriptors)
        print(f"{descriptors} descriptors before the load, {left} after it")
        if left > descriptors:
            failures.append("descriptors are left")
        code = server.stop()
        if code != 0:
            failures.append(f"the server ended with {code}")
    for failure in failures:
        print(f"soak: {failure}", file=sys.stderr)
    print("failed" if failures else "passed")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__.split("\n")[0])
    parser.add_argument("seconds", type=float, nargs="?", default=600)
    parser.add_argument("--ticks", type=int, default=100_000)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--portvakt", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.core = None
    with tempfile.TemporaryDirectory(prefix="portvakt-soak-") as folder:
        sys.exit(run(args, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
