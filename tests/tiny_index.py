"""A package index on this machine with one package, an empty torch; and one that takes the place of PyTorch's.

Whatever an installer asks of PyTorch's index, it asks through a proxy, which answers in its stead, with certificates
of an authority of its own. No address of the real one has to be known.
"""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import ssl
import subprocess
import threading
import zipfile


def make_wheel(folder, version):
    """Write the smallest wheel of a torch into a folder. Returns its path."""
    path = Path(folder) / f"torch-{version}-py3-none-any.whl"
    info = f"torch-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


class Pages(BaseHTTPRequestHandler):
    """The page of torch, its wheel, and nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer with the wheel, or with the page that links it."""
        wheel, path = self.server.wheel, self.path.replace("%2B", "+").rstrip("/")
        if path.endswith("/" + wheel.name):
            self.answer(200, wheel.read_bytes(), "application/octet-stream")
        elif path.endswith("/torch"):
            page = f'<!DOCTYPE html><a href="/files/{wheel.name.replace("+", "%2B")}">{wheel.name}</a>'
            self.answer(200, page.encode(), "text/html")
        else:
            self.answer(404, b"")

    def do_HEAD(self):
        """As do_GET."""
        self.do_GET()

    def answer(self, status, body, kind="text/plain"):
        """Send a complete answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class Proxy(Pages):
    """A proxy that takes the place of every host that it is asked for, unless it is silent."""

    def do_CONNECT(self):
        """Pretend to be the host, and answer all that is asked of it."""
        if self.server.owner.silent:
            self.server.owner.stopped.wait(60)
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.owner.certificate(self.path.rpartition(":")[0]))
        with context.wrap_socket(self.connection, server_side=True) as connection:
            Pages(connection, self.client_address, self.server)
        self.close_connection = True


class Server(ThreadingHTTPServer):
    """Serves a wheel; a client that goes away is no fault."""

    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing."""


@contextmanager
def running(handler, folder, version, owner=None):
    """A server on a free port of this machine. Gives its address."""
    folder.mkdir()
    with Server(("127.0.0.1", 0), handler) as server:
        server.wheel, server.owner = make_wheel(folder, version), owner
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def serve(folder, version):
    """An index with torch in one version, as a context that gives its address."""
    return running(Pages, folder, version)


class PyTorch:
    """PyTorch's own index with torch in one version. proxy: the way to it; authority: the file of its certificate."""

    def __init__(self, folder, version):
        self.folder, self.silent, self.stopped = folder, False, threading.Event()
        self._server, self._lock = running(Proxy, folder, version, self), threading.Lock()

    def __enter__(self):
        self.proxy = self._server.__enter__()
        self.authority, self._key = self.folder / "authority.pem", self.folder / "authority.key"
        self._openssl(self._key, self.authority, "/CN=tests", "basicConstraints=critical,CA:true")
        return self

    def __exit__(self, *error):
        self.stopped.set()
        return self._server.__exit__(*error)

    def certificate(self, host):
        """The file with certificate and key for a host, signed by the authority."""
        both, key, certificate = (self.folder / f"{host}.{end}" for end in ("both", "key", "pem"))
        with self._lock:
            if not both.exists():
                signed = ["-addext", "basicConstraints=critical,CA:false", "-CA", self.authority, "-CAkey", self._key]
                self._openssl(key, certificate, "/CN=host", f"subjectAltName=DNS:{host}", *signed)
                both.write_bytes(certificate.read_bytes() + key.read_bytes())
        return both

    def _openssl(self, key, certificate, subject, extension, *more):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", subject, "-addext", extension, "-keyout", key, "-out", certificate, *more]
        subprocess.run(command, check=True, capture_output=True)
