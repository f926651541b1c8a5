"""Debian's nginx as an origin."""

import os

from .processes import Program, free_port

LOCATIONS = """
    location = /healthz { access_log off; return 200 "ok\\n"; }
    location = /who { add_header Cache-Control no-store; return 200 "$server_port"; }
    location /plain/ { add_header Cache-Control no-store; alias %(folder)s/files/; }
    location /fresh/ { add_header Cache-Control "public, max-age=3600"; alias %(folder)s/files/; }
    location /brief/ { add_header Cache-Control "public, max-age=1"; alias %(folder)s/files/; }
    location = /moved { return 302 /plain/1k; }
    location = /missing { return 404 "no such page\\n"; }
    location = /broken { return 500 "broken\\n"; }
"""


class NginxOrigin(Program):
    """Serves files/ under /plain (never stored), /fresh (an hour) and /brief (a second); /who tells its port.
    With `tls`, a certificate's (chain, key), it speaks nothing else."""

    def __init__(self, name, folder, port=None, locations="", http="", tls=None):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "files").mkdir(exist_ok=True)
        self.folder = folder
        self.port = port or free_port()
        self.write_file("1k", b"x" * 1024)
        self.write_file("100k", b"y" * 102400)
        self.write_file("page.html", f"<!doctype html><title>{name}</title><p>A page of the shop.\n".encode())
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{kind}_temp_path tmp_{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        certificate = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};" if tls else ""
        (folder / "nginx.conf").write_text(f"""
daemon off; {user} worker_processes 1; pid nginx.pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  {temporary}
  types {{ text/html html; }} default_type text/plain;
  log_format brief '$request_method $request_uri $status $http_x_forwarded_for'; access_log requests.log brief;
  {http}
  keepalive_timeout 60s; keepalive_requests 1000000; client_max_body_size 0; sendfile on;
  server {{
    listen 127.0.0.1:{self.port} {"ssl" if tls else ""} backlog=4096; {certificate}
    {LOCATIONS % {"folder": folder}}
    {locations}
  }}
}}
""")
        super().__init__(name, ["nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"], folder)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def write_file(self, name, content):
        (self.folder / "files" / name).write_bytes(content)

    def requests(self):
        """Lines "GET /path 200 forwarded-for" of what reached it; health checks are left out."""
        file = self.folder / "requests.log"
        return file.read_text().splitlines() if file.exists() else []
