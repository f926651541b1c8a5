"""A DNS server over UDP in the test's own process: A records of `addresses`, PTR records of `names` (by address), and "no
such name" for all others."""

import collections
import socket
import struct
import threading

QUESTION_A = 1
QUESTION_PTR = 12
NO_SUCH_NAME = 3


class NameServer:
    def __init__(self, addresses, names=()):
        self.addresses = dict(addresses)
        self.names = {".".join([*reversed(address.split(".")), "in-addr.arpa"]): name for address, name in dict(names).items()}
        self.asked = 0
        self.questions = collections.Counter()  # by name
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.stopping = threading.Event()
        self.socket.settimeout(0.1)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.socket.close()

    def _serve(self):
        while not self.stopping.is_set():
            try:
                query, sender = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            self.asked += 1
            self.socket.sendto(self._answer(query), sender)

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack("!H", question[-4:-2])[0]
        name = ".".join(labels)
        self.questions[name] += 1
        data = b""
        if kind == QUESTION_A and name in self.addresses:
            data = socket.inet_aton(self.addresses[name])
        elif kind == QUESTION_PTR and name in self.names:
            data = b"".join(bytes([len(label)]) + label.encode() for label in self.names[name].split(".")) + b"\0"
        flags = 0x8180 | (0 if name in self.addresses or name in self.names else NO_SUCH_NAME)
        head = query[:2] + struct.pack("!HHHHH", flags, 1, int(bool(data)), 0, 0)
        record = struct.pack("!HHHIH", 0xc00c, kind, 1, 0, len(data)) + data if data else b""
        return head + question + record
