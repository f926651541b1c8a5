"""A small site for tests of ownership: owned_site.py ADDRESS:PORT TOKEN_FILE MODE_FILE

Every page is "ok". /.well-known/tenfold-verify.txt depends on what MODE_FILE says when it is asked for: "here" gives TOKEN_FILE,
"redirect" leads to /elsewhere.txt, which gives it, and anything else is 404. Prints one line for each time it was asked for.
"""

import http.server
import pathlib
import sys


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    token_file = mode_file = None

    def do_GET(self):
        mode = self.mode_file.read_text() if self.mode_file.exists() else ""
        if self.path == "/.well-known/tenfold-verify.txt":
            print("token asked for:", mode, flush=True)
            if mode == "redirect":
                self.answer(302, b"", {"Location": "/elsewhere.txt"})
            elif mode == "here":
                self.answer(200, self.token_file.read_bytes())
            else:
                self.answer(404, b"no such page\n")
        elif self.path == "/elsewhere.txt":
            self.answer(200, self.token_file.read_bytes())
        else:
            self.answer(200, b"ok\n")

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


def main(address, token_file, mode_file):
    Site.token_file, Site.mode_file = pathlib.Path(token_file), pathlib.Path(mode_file)
    host, port = address.rsplit(":", 1)
    http.server.ThreadingHTTPServer((host, int(port)), Site).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
