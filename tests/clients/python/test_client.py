"""python-socketio's client over each of its transports.

INTEROP_URL is the address of the server `interop`. The client is whichever is installed: 4.x speaks as
Socket.IO 1 and 2 do, 5.x as Socket.IO 3 and 4.
"""

import os
import queue
import unittest

import socketio
from engineio.payload import Payload
from socketio.exceptions import ConnectionError as Refused

URL = os.environ["INTEROP_URL"]
TRANSPORTS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}
# Clients since 5.0 have `auth`, and join the root when they ask for it.
IS_NEW = "auth" in socketio.Client.connect.__code__.co_varnames
TIMEOUT = 15
# The client gives up a poll that brings more than 16, which a server does not know.
Payload.max_decode_packets = 100_000
# No empty ones: 4.x takes those for nothing.
NESTED = {"name": "files é", "blob": b"\x00\xff\n", "deeper": [[b"\x01"], [b"\x02", b"\x03"]]}
MANY = (1, -2.5, "é€😀\u2028", True, None, [], {"a": {"b": [None]}}, "last")


class Client:
    """A client that keeps what comes."""

    def __init__(self, transport):
        self.transport = transport
        self.client = socketio.Client(reconnection_delay=0.01, reconnection_delay_max=0.05)
        self.events = {}

    def on(self, event, namespace="/"):
        """Keeps the arguments of an event from now on."""
        came = self.events[namespace, event] = queue.Queue()
        self.client.on(event, lambda *args: came.put(args), namespace=namespace)

    def next(self, event, namespace="/"):
        """The arguments of the next event that was or will be kept."""
        return self.events[namespace, event].get(timeout=TIMEOUT)

    def connect(self, url=URL, namespaces=("/",), **options):
        options = {"transports": TRANSPORTS[self.transport], **options}
        self.client.connect(url, namespaces=list(namespaces), **options)

    def call(self, event, *args, namespace="/"):
        return self.client.call(event, args, namespace=namespace, timeout=TIMEOUT)


class Case(unittest.TestCase):
    """What is promised, over each transport."""

    def over_each(self, body):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                it = Client(transport)
                try:
                    body(it)
                finally:
                    it.client.disconnect()

    def test_it_connects_with_query_and_auth(self):
        def body(it):
            it.on("auth")
            it.connect(f"{URL}?who=Zo%C3%AB", **({"auth": {"token": "ü"}} if IS_NEW else {}))
            (auth,) = it.next("auth")
            self.assertEqual(auth.get("token" if IS_NEW else "who"), "ü" if IS_NEW else "Zoë")
            self.assertEqual(it.call("query", "who"), "Zoë")
            carrier = "polling" if it.transport == "polling" else "websocket"
            self.assertEqual(it.client.transport(), carrier)

        self.over_each(body)

    def test_it_is_refused_and_told_why(self):
        def body(it):
            it.on("connect_error")
            if IS_NEW:
                with self.assertRaises(Refused):
                    it.connect(f"{URL}?refuse=1")
                (why,) = it.next("connect_error")
                self.assertEqual(why["message"], "the client asks to be refused")
            else:
                it.connect(f"{URL}?refuse=1")
                self.assertEqual(it.next("connect_error"), ("the client asks to be refused",))

        self.over_each(body)

    def test_events_go_both_ways(self):
        def body(it):
            it.on("message-back")
            it.connect()
            it.client.emit("message", MANY)
            self.assertEqual(it.next("message-back"), MANY)
            it.client.emit("message", (NESTED, "between", NESTED["blob"]))
            self.assertEqual(it.next("message-back"), (NESTED, "between", NESTED["blob"]))

        self.over_each(body)

    def test_acknowledgements_go_both_ways(self):
        def body(it):
            it.on("answered")
            it.on("unanswered")
            it.connect()
            self.assertEqual(it.call("message-with-ack", *MANY), MANY)
            self.assertEqual(it.call("message-with-ack", NESTED), NESTED)
            it.client.on("question", lambda question, one: ({"question": question}, one))
            it.client.emit("ask", "who?")
            self.assertEqual(it.next("answered"), ({"question": "who?"}, 1))
            it.client.on("question", lambda nested: {**nested, "blob": nested["blob"] + b"!"})
            it.client.emit("ask-binary", NESTED)
            self.assertEqual(it.next("answered"), ({**NESTED, "blob": b"\x00\xff\n!"},))

        self.over_each(body)

    def test_a_megabyte_goes_both_ways(self):
        def body(it):
            it.connect()
            text, blob = "x" * 999_900, b"\x00\xff" * 370_000
            self.assertTrue(it.call("message-with-ack", text) == text)
            self.assertTrue(it.call("message-with-ack", blob) == blob)

        self.over_each(body)

    def test_it_joins_several_endpoints(self):
        def body(it):
            it.connect(namespaces=["/", "/custom", "/room/7"])
            self.assertEqual(it.call("message-with-ack", 0), 0)
            self.assertEqual(it.call("message-with-ack", 1, namespace="/custom"), 1)
            self.assertEqual(it.call("which", namespace="/room/7"), ("7", None))

        self.over_each(body)

    def test_the_server_disconnects_it(self):
        def body(it):
            it.on("disconnect")
            it.connect()
            it.client.emit("leave-all")
            it.next("disconnect")

        self.over_each(body)

    def test_thousands_of_events_arrive_once_and_in_order(self):
        def body(it):
            it.on("number")
            it.connect()
            for number in range(2_000):
                it.client.emit("number", number)
            for number in range(2_000):
                self.assertEqual(it.next("number"), (number,))

        self.over_each(body)


if __name__ == "__main__":
    unittest.main()
