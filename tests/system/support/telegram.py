"""Telegram's Bot API as far as alerts need it: sendMessage, getUpdates, answerCallbackQuery, in the test's own process."""

import http.server
import json
import threading


class Telegram:
    token = "123456:a-token-of-a-bot"

    def __init__(self):
        self.messages = []  # what was sent, as sendMessage had it
        self.thanked = []  # presses that were answered
        self._updates = []
        self._last = 700
        self.lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def press(self, chat, data):
        self._add({"callback_query": {"id": f"press-{self._last}", "data": data, "message": {"chat": {"id": chat}, "date": 1}}})

    def write(self, chat, text, at):
        self._add({"message": {"chat": {"id": chat}, "text": text, "date": int(at)}})

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _add(self, update):
        with self.lock:
            self._last += 1
            self._updates.append({"update_id": self._last, **update})

    def _answer(self, method, asked):
        with self.lock:
            if method == "getUpdates":
                # Those before the offset are done, as Telegram has it.
                self._updates = [update for update in self._updates if update["update_id"] >= asked.get("offset", 0)]
                return self._updates[:asked.get("limit", 100)]
            if method == "answerCallbackQuery":
                self.thanked.append(asked["callback_query_id"])
                return True
            self.messages.append(asked)
            return {"message_id": len(self.messages)}

    def _handler(bot):  # pylint: disable=no-self-argument  # The nested class has a self of its own.
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                known = self.path.startswith(f"/bot{bot.token}/")
                answer = {"ok": True, "result": bot._answer(self.path.rsplit("/", 1)[1], asked)} if known else {"ok": False}
                body = json.dumps(answer).encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
