"""How each program is set up: as its own manual recommends for a reverse proxy, with one worker and no access log.

Every program gets the same origin, the same certificate, the same core, and limits that never close a kept connection
in the middle of a measurement. What is not named here is the program's default.
"""

import json
import os
import subprocess

from processes import Server, free_port

PROXY_CORE = 0
LOAD_CORE = 1  # wrk and the origin: what they cost must not be taken from the program under test.
IDLE_TIMEOUT_S = 600
FLOOR = "blind relay"  # blind_relay.cpp: no peer, but what moving the bytes costs whoever does it

# Paths at the origin. /plain is never stored by a cache, /cached is.
PLAIN_1K, PLAIN_100K, CACHED_1K = "/plain/1k", "/plain/100k", "/cached/1k"


def nginx_user():
    return "user root;" if os.geteuid() == 0 else ""


def nginx_temporary_paths():
    return "".join(f"{kind}_temp_path tmp_{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


def make_certificate(folder):
    """A P-256 certificate: chain and key for nginx and Tenfold, both in one file for HAProxy."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "7", "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example",
                    "-keyout", str(folder / "shop.key"), "-out", str(folder / "shop.pem")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    both = (folder / "shop.pem").read_text() + (folder / "shop.key").read_text()
    (folder / "both.pem").write_text(both)


def start_origin(folder):
    port = free_port()
    (folder / "1k").write_bytes(b"x" * 1024)
    (folder / "100k").write_bytes(b"x" * 102400)
    (folder / "origin.conf").write_text(f"""
daemon off; {nginx_user()} worker_processes 1; pid origin.pid; error_log stderr error;
events {{ worker_connections 20000; }}
http {{
  {nginx_temporary_paths()}
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=16; default_type text/plain;
  keepalive_timeout {IDLE_TIMEOUT_S}s; keepalive_requests 100000000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /plain/ {{ alias {folder}/; add_header Cache-Control no-store; }}
    location /cached/ {{ alias {folder}/; add_header Cache-Control "public, max-age=3600"; }}
    location = /healthz {{ return 200 "ok"; }}
  }}
}}
""")
    origin = Server("origin", ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "origin.conf")],
                    LOAD_CORE, folder, port)
    origin.wait_until_it_answers(PLAIN_1K)
    return origin


def start_nginx(folder, origin_port):
    port, tls_port = free_port(), free_port()
    (folder / "nginx.conf").write_text(f"""
daemon off; {nginx_user()} worker_processes 1; worker_rlimit_nofile 20000; pid nginx.pid; error_log stderr error;
events {{ worker_connections 20000; }}
http {{
  {nginx_temporary_paths()}
  access_log off; sendfile on; tcp_nopush on;
  keepalive_timeout {IDLE_TIMEOUT_S}s; keepalive_requests 100000000;
  open_file_cache max=1000;  # For the cache's files; without it nginx opens one for each answer.
  proxy_cache_path {folder}/nginx-cache keys_zone=shop:10m max_size=256m inactive=60m use_temp_path=off;
  upstream origin {{
    server 127.0.0.1:{origin_port};
    keepalive 128; keepalive_requests 100000000; keepalive_timeout {IDLE_TIMEOUT_S}s;
  }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
  proxy_buffers 16 16k;  # A page of 100 KB in memory: the defaults would write it to a file.
  ssl_certificate shop.pem; ssl_certificate_key shop.key; ssl_session_cache shared:tls:10m;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    listen 127.0.0.1:{tls_port} ssl backlog=4096;
    location / {{ proxy_pass http://origin; }}
    location /cached/ {{ proxy_pass http://origin; proxy_cache shop; }}
  }}
}}
""")
    return Server("nginx", ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                  PROXY_CORE, folder, port, tls_port)


def start_haproxy(folder, origin_port):
    port, tls_port = free_port(), free_port()
    (folder / "haproxy.cfg").write_text(f"""
global
  nbthread 1
  maxconn 12000
  no strict-limits  # It reckons with two files for each connection; idle ones need one.
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client {IDLE_TIMEOUT_S}s
  timeout server {IDLE_TIMEOUT_S}s
  timeout http-keep-alive {IDLE_TIMEOUT_S}s
frontend shop
  bind 127.0.0.1:{port} backlog 4096
  bind 127.0.0.1:{tls_port} ssl crt {folder}/both.pem backlog 4096
  maxconn 12000
  default_backend origin
backend origin
  option httpchk GET /healthz
  server origin 127.0.0.1:{origin_port} check inter 2s pool-max-conn 512
""")
    return Server("haproxy", ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")], PROXY_CORE, folder, port, tls_port)


def start_varnish(folder, origin_port):
    port = free_port()
    (folder / "shop.vcl").write_text(f"""vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{origin_port}"; }}
""")
    # One pool and a few hundred threads: the manual advises against more pools than cores. -j none: a folder in /tmp.
    return Server("varnish", ["varnishd", "-F", "-j", "none", "-n", str(folder / "varnish"), "-f", str(folder / "shop.vcl"),
                              "-a", f"127.0.0.1:{port}", "-s", "malloc,256m", "-p", "thread_pools=1",
                              "-p", "thread_pool_min=100", "-p", "thread_pool_max=1000",
                              "-p", f"timeout_idle={IDLE_TIMEOUT_S}", "-p", "listen_depth=4096"],
                  PROXY_CORE, folder, port)


def start_blind_relay(origin_port, program):
    port = free_port()
    return Server(FLOOR, [str(program), str(port), str(origin_port)], PROXY_CORE, program.parent, port)


def start_tenfold(folder, origin_port, program):
    port, tls_port, console_port = free_port(), free_port(), free_port()
    configuration = {
        "shop": "Bench",
        "workers": 1,
        "listen": [
            {"address": f"127.0.0.1:{port}"},
            {"address": f"127.0.0.1:{tls_port}",
             "certificates": [{"chain": str(folder / "shop.pem"), "key": str(folder / "shop.key")}]},
        ],
        "origins": [{"name": "origin", "servers": [f"127.0.0.1:{origin_port}"]}],
        "health": {"path": "/healthz", "every": "2s"},
        "cache": {"memory": "256MiB"},
        "limits": {"idle_timeout": f"{IDLE_TIMEOUT_S}s", "requests_per_connection": 100_000_000},
        "access_log": "off",
        "console": {"address": f"127.0.0.1:{console_port}"},
        "store": str(folder / "tenfold.db"),
    }
    # JSON is YAML.
    (folder / "tenfold.yaml").write_text(json.dumps(configuration, indent=2))
    return Server("tenfold", [str(program), "run", "-c", str(folder / "tenfold.yaml")],
                  PROXY_CORE, folder, port, tls_port)
