"""The servers under measure, pinned to one core if wanted, for as long as their `with` lasts."""

import pathlib
import re
import signal
import socket
import subprocess
import time

START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that answers on 127.0.0.1:`port`; `authority` is a file when it speaks TLS."""

    name = ""
    authority = None

    def __init__(self, args, work):
        # Without a core to be pinned to, it may use all.
        self.pin = [] if args.core is None else ["taskset", "-c", str(args.core)]
        self.log = open(work / f"{self.name}.log", "w")
        self.process = None

    def start(self, command, **options):
        words = self.pin + [str(word) for word in command]
        self.process = subprocess.Popen(words, stderr=self.log, text=True, **options)
        self.pid = self.process.pid  # taskset becomes the server

    def start_and_read_port(self, command):
        """For servers that say `listening on http://127.0.0.1:PORT`."""
        self.start(command, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            raise SystemExit(f"bench-http: {self.name} does not start: see {self.log.name}")
        self.port = int(found[1])

    def wait_for_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"bench-http: {self.name} does not start: see {self.log.name}")

    def anonymous_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1])

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))

    def stop(self):
        """The exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=START_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.log.close()


class Constant(Server):
    name = "constant"

    def __init__(self, args, work, tls=None):
        super().__init__(args, work)
        self.start_and_read_port([args.build / "bench_constant"])


class Portvakt(Server):
    name = "portvakt"
    TAKES_TLS = False

    def __init__(self, args, work, tls=None, flags=()):
        super().__init__(args, work)
        workers = () if args.core is None else ("--workers", 1)
        self.start_and_read_port([args.portvakt, "serve", "--store", work / "store",
                                  "--listen", "127.0.0.1:0", *workers, *flags])


class Cerbos(Server):
    name = "cerbos"

    def __init__(self, args, work):
        super().__init__(args, work)
        self.port = free_port()
        configuration = work / "cerbos.yaml"
        configuration.write_text(
            f'server:\n  httpListenAddr: "127.0.0.1:{self.port}"\n'
            f'  grpcListenAddr: "127.0.0.1:{free_port()}"\n'
            "telemetry:\n  disabled: true\n"
            f"storage:\n  driver: disk\n  disk:\n    directory: {work / 'cerbos'}\n")
        self.start([args.cerbos, "server", f"--config={configuration}", "--debug-listen-addr=",
                    "--log-level=error"], stdout=self.log)
        self.wait_for_port()


def certificate(work):
    """A key and a certificate for localhost that is its own authority: (certificate, key)."""
    made = (work / "certificate.pem", work / "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-out", made[0], "-keyout", made[1]], check=True, capture_output=True)
    return made
