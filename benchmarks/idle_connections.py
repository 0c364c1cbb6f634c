#!/usr/bin/env python3
"""What does an idle connection cost in memory?

    benchmarks/idle_connections.py build/release/cli/portvakt [CONNECTIONS]

Starts the server twice, without and with TLS, opens that many connections (10,000 unless told, or
what the limit of descriptors allows), asks one decision on each, and reads the server's anonymous
memory before and after.
"""
import pathlib
import re
import resource
import socket
import ssl
import subprocess
import sys
import tempfile

POLICY = """policy idle "An open shelf"

open entity user
open entity doc

permission read on doc

permit everyone
    user may read on doc
"""
BODY = (
    '{"subject":{"type":"user","id":"ada"},"action":{"name":"read"},'
    '"resource":{"type":"doc","id":"1"}}'
)
REQUEST = (
    "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()
SPARE_DESCRIPTORS = 100
WARM_CONNECTIONS = 100


def anonymous_bytes(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * int(re.search(r"^Anonymous:\s+(\d+)", text, re.M).group(1))


def connect(port, number, context):
    # From many addresses of the machine itself, so that ports do not run out.
    plain = socket.create_connection(
        ("127.0.0.1", port), source_address=(f"127.0.{1 + number // 1000}.1", 0)
    )
    return context.wrap_socket(plain) if context else plain


def ask(connection):
    connection.sendall(REQUEST)
    answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200 "), answer


def measure(binary, folder, count, over_tls):
    lines = ["listen: 127.0.0.1:0", "policy: idle.vakt", "workers: 2", "limits:",
             f"  connections: {count + WARM_CONNECTIONS}", "  idle_ms: 600000"]
    context = None
    if over_tls:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", folder / "server.key",
             "-out", folder / "server.crt"], check=True, capture_output=True)
        lines += ["tls: { certificate: server.crt, key: server.key }"]
        context = ssl.create_default_context(cafile=folder / "server.crt")
        context.check_hostname = False
    (folder / "idle.vakt").write_text(POLICY)
    (folder / "portvakt.yaml").write_text("\n".join(lines) + "\n")
    server = subprocess.Popen([binary, "serve", "--config", folder / "portvakt.yaml"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    port = None
    while port is None:
        line = server.stdout.readline()
        assert line, "the server did not start"
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        port = int(found.group(1)) if found else None
    try:
        # What the server needs once is not counted.
        warm = [connect(port, 0, context) for _ in range(WARM_CONNECTIONS)]
        for connection in warm:
            ask(connection)
        before = anonymous_bytes(server.pid)
        held = []
        for number in range(count):
            held.append(connect(port, number, context))
            ask(held[-1])
        after = anonymous_bytes(server.pid)
    finally:
        server.terminate()
        server.wait()
    each = (after - before) // count
    print(f"{'TLS' if over_tls else 'plain'}: {count} idle connections, {each} bytes each, "
          f"{(after - before) >> 20} MiB in all")


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    count = min(wanted, most - SPARE_DESCRIPTORS - WARM_CONNECTIONS)
    with tempfile.TemporaryDirectory() as folder:
        for over_tls in (False, True):
            measure(binary, pathlib.Path(folder), count, over_tls)


if __name__ == "__main__":
    main()
