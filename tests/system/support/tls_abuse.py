"""What OpenSSL lets a client do that Python's ssl does not: change keys, negotiate anew, begin a handshake and leave."""

import ctypes
import ctypes.util
import socket
import ssl
import struct

LIBRARY = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
for function in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
    getattr(LIBRARY, function).restype = ctypes.c_void_p
TLS_1_2 = 0x0303
SET_MAX_PROTOCOL = 124


def client_hello(name="shop.example"):
    """The first flight of a handshake."""
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def long_client_hello(extra_bytes, name="shop.example"):
    """The same with so much in it of an extension that nobody knows, in records as long as they may be."""
    message = bytearray(client_hello(name)[5:])
    at = 4 + 2 + 32
    at += 1 + message[at]  # the session's id
    at += 2 + int.from_bytes(message[at:at + 2], "big")  # ciphers
    at += 1 + message[at]  # compression
    unknown = struct.pack(">HH", 0xfe00, extra_bytes) + bytes(extra_bytes)
    message[at:at + 2] = struct.pack(">H", int.from_bytes(message[at:at + 2], "big") + len(unknown))
    message += unknown
    message[1:4] = (len(message) - 4).to_bytes(3, "big")
    records = [message[begin:begin + 16384] for begin in range(0, len(message), 16384)]
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(record)) + record for record in records)


class TlsClient:
    """Trusts whatever certificate it is shown."""

    def __init__(self, port, most_version=0):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.sock.settimeout(None)  # a blocking descriptor, which OpenSSL needs
        self.context = ctypes.c_void_p(LIBRARY.SSL_CTX_new(ctypes.c_void_p(LIBRARY.TLS_client_method())))
        if most_version:
            LIBRARY.SSL_CTX_ctrl(self.context, SET_MAX_PROTOCOL, ctypes.c_long(most_version), None)
        self.ssl = ctypes.c_void_p(LIBRARY.SSL_new(self.context))
        LIBRARY.SSL_set_fd(self.ssl, self.sock.fileno())
        assert LIBRARY.SSL_connect(self.ssl) == 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        LIBRARY.SSL_free(self.ssl)
        LIBRARY.SSL_CTX_free(self.context)
        self.sock.close()

    def change_keys(self):
        return LIBRARY.SSL_key_update(self.ssl, 0) == 1 and LIBRARY.SSL_do_handshake(self.ssl) == 1

    def negotiate_anew(self, patience_s=3):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", patience_s, 0))
        return LIBRARY.SSL_renegotiate(self.ssl) == 1 and LIBRARY.SSL_do_handshake(self.ssl) == 1

    def ask(self, path="/"):
        """The answer's head; nothing if the connection is over."""
        request = f"HEAD {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()
        if LIBRARY.SSL_write(self.ssl, request, len(request)) <= 0:
            return b""
        answer = ctypes.create_string_buffer(65536)
        size = LIBRARY.SSL_read(self.ssl, answer, len(answer))
        return answer.raw[:max(size, 0)]
