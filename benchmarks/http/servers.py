"""The servers under measure, pinned to one core if wanted, for as long as their `with` lasts."""

import json
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
    """A process that answers on 127.0.0.1:`port`; `authority` is a file when it speaks TLS, `field`
    is what requests must carry, if anything."""

    name = ""
    authority = None
    field = None

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
        """For servers that say `listening on http://127.0.0.1:PORT`, or https."""
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
        files = (tls.certificate, tls.key) if tls else ()
        self.authority = tls.authority if tls else None
        self.start_and_read_port([args.build / "bench_constant", *files])


class Portvakt(Server):
    """`settings` are those of the configuration file."""

    def __init__(self, args, work, tls=None, key=None, name="portvakt", **settings):
        self.name = name
        super().__init__(args, work)
        if key:
            settings["callers"] = {"keys_file": str(key.file)}
            self.field = key.field
        settings = {"store": str(work / "store"), "listen": "127.0.0.1:0", **settings}
        if args.core is not None:
            settings["workers"] = 1
        if tls:
            settings["tls"] = {"certificate": str(tls.certificate), "key": str(tls.key)}
            self.authority = tls.authority
        configuration = work / f"{name}.yaml"
        configuration.write_text(json.dumps(settings))  # JSON is YAML
        self.start_and_read_port([args.portvakt, "serve", "--config", configuration])


class CallerKey:
    """An API key in a keys file, made by the command."""

    def __init__(self, args, work, scopes, *flags):
        self.file = work / "keys.json"
        words = [args.portvakt, "key", "create", "--keys-file", self.file, "--name", "load",
                 "--scopes", scopes, "--format", "json", *flags]
        made = subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE)
        self.field = "Authorization: Bearer " + json.loads(made.stdout)["key"]


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


class Certificates:
    """An authority, and a certificate for localhost that can be renewed in place."""

    def __init__(self, work):
        self.folder = work
        self.authority, self.certificate, self.key = (
            work / name for name in ("authority.pem", "certificate.pem", "key.pem"))
        self._sign(self.authority, work / "authority-key.pem", "/CN=measurements", ())
        self.renew()

    def _sign(self, certificate, key, name, extra):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", name,
                   "-out", certificate, "-keyout", key, *extra]
        subprocess.run(command, check=True, capture_output=True)

    def renew(self):
        """A new key and certificate; each file is replaced whole."""
        new = [path.with_suffix(".new") for path in (self.certificate, self.key)]
        self._sign(*new, "/CN=localhost",
                   ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-addext", "basicConstraints=critical,CA:FALSE",
                    "-CA", self.authority, "-CAkey", self.folder / "authority-key.pem"))
        for made, path in zip(new, (self.certificate, self.key)):
            made.rename(path)
