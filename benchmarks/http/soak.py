"""A long time at full load while everything else happens too: changes, certificates renewed,
connections that are cut off half-way. At its end nothing may have failed or grown:

  every request that was sent whole got a decision; every change was made;
  anonymous memory is within 10 % of what it was after the warm-up; no descriptor more than before
  the load; SIGTERM ends the server with exit code 0.

Only the standard library; script/soak builds and starts this.
"""

import argparse
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import time

from servers import Certificates, Portvakt

MEMORY_BAR = 1.10
CONNECTIONS = 64
DROP_EVERY = 500
PAUSE_SECONDS = 0.05
RENEWAL_SECONDS = 3
SETTLE_SECONDS = 5


class Api:
    """Requests beside the load, one connection."""

    def __init__(self, server):
        trusted = ssl.create_default_context(cafile=server.authority)
        self.connection = http.client.HTTPSConnection("localhost", server.port, timeout=30,
                                                      context=trusted)

    def post(self, path, body, content_type="application/json"):
        text = body if isinstance(body, str) else json.dumps(body)
        self.connection.request("POST", path, text, {"Content-Type": content_type})
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
        self.api, self.ticks, self.made = api, ticks, 0
        self.taken = None

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
        self.made += 1


def start_load(args, server, work, bodies, path, connections):
    words = [args.build / "bench_load", "--port", server.port, "--ca", server.authority,
             "--bodies", work / bodies, "--path", path, "--connections", connections,
             "--seconds", args.seconds, "--drop", DROP_EVERY]
    return subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)


def settle(measure, wanted):
    """What is measured, once it is as wanted or does not change any more."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not wanted(measure()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return measure()


def run(args, work):
    subprocess.run([args.build / "bench_prepare", work, str(args.ticks)], check=True)
    failures = []
    certificates = Certificates(work)
    with Portvakt(args, work, tls=certificates, flags=("--trust-callers",)) as server:
        api = Api(server)
        api.post("/access/v1/evaluation", (work / "single.jsonl").read_text().split("\n", 1)[0])
        descriptors = server.descriptors()
        begun = time.monotonic()
        loads = [start_load(args, server, work, "single.jsonl", "/access/v1/evaluation",
                            CONNECTIONS),
                 start_load(args, server, work, "batch.jsonl", "/access/v1/evaluations", 2)]
        changes = Changes(api, ticks_of(work / "single.jsonl"))
        warm_kib, renewals = None, 0
        while time.monotonic() < begun + args.seconds:
            changes.step()
            if time.monotonic() > begun + (renewals + 1) * RENEWAL_SECONDS:
                certificates.renew()
                renewals += 1
            if warm_kib is None and time.monotonic() > begun + args.seconds / 5:
                warm_kib = server.anonymous_kib()
            time.sleep(PAUSE_SECONDS)
        for load in loads:
            out, _ = load.communicate()
            counts = json.loads(out)
            print(f"{counts['answered']:,} answers, {counts['dropped']:,} requests cut off, "
                  f"{counts['failed']} failed, p99 {counts['p99_us']:,.0f} us")
            if load.returncode != 0 or counts["failed"] or not counts["answered"]:
                failures.append("a request got no decision")
        print(f"{changes.made:,} changes, {renewals} certificates")

        end_kib = server.anonymous_kib()
        print(f"anonymous memory {warm_kib:,} KiB when warm, {end_kib:,} KiB at the end")
        if end_kib > MEMORY_BAR * warm_kib:
            failures.append("memory has grown")
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
