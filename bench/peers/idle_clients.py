"""Opens connections that send one request each and then say nothing: idle_clients.py PORT COUNT PATH.

Prints "ready" when every connection has had its answer, and holds them until its standard input closes.
"""

import socket
import sys


def answer_of(client):
    """Reads one whole answer with a Content-Length; its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(client)
    head, body = data.split(b"\r\n\r\n", 1)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += receive(client)
    return int(head.split()[1])


def receive(client):
    data = client.recv(65536)
    if not data:
        raise ConnectionError("closed before the answer was whole")
    return data


def main(port, count, path):
    request = f"GET {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()
    clients = []
    for number in range(count):
        client = socket.socket()
        client.settimeout(20)
        # Many source addresses: one address has fewer ports than a busy shop has customers.
        client.bind((f"127.0.{1 + number // 250 % 250}.{1 + number % 250}", 0))
        client.connect(("127.0.0.1", port))
        client.sendall(request)
        if answer_of(client) != 200:
            raise ConnectionError("not answered with 200")
        clients.append(client)
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
