# Plays random requests with the h2 library's client against a server that does what service.ts says, a connection a seed:
#
#   client.py PORT FIRST COUNT
#
# A line for each fault, and at last how many exchanges there were.
import random
import socket
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

HANG_SECONDS = 20
PATTERN = bytes((at * 31 + (at >> 8)) & 0xFF for at in range(65536))


def checksum(data, total=0x811C9DC5):
    for byte in data:
        total = ((total ^ byte) * 0x01000193) & 0xFFFFFFFF
    return total


class Exchange:
    def __init__(self, dice):
        self.end = dice.choice(["end", "end", "end", "headers"])
        self.size = dice.randint(0, 60000) if dice.random() < 0.1 else dice.randint(0, 300)
        self.chunks = dice.randint(1, 8)
        self.trailers = dice.randint(0, 3)
        self.body = bytes([dice.randint(0, 255)]) * (0 if dice.random() < 0.3 else dice.randint(0, 6000 if dice.random() < 0.2 else 100))
        letters = [chr(each) for each in range(0x21, 0x7F)]
        self.headers = [
            ("x-" + dice.choice(["a", "b", "trace", "bin"]), "".join(dice.choice(letters) for _ in range(dice.randint(0, 40))))
            for _ in range(dice.randint(0, 6))
        ]
        self.cancelled = dice.random() < 0.15
        self.sent_trailers = dice.random() < 0.3
        self.lists = []
        self.read = 0
        self.sum = checksum(b"")
        self.over = ""

    def path(self):
        return f"/{self.size}/{self.chunks}/{self.trailers}/{self.end}"

    def expected(self):
        headers = checksum("".join(f"{name}={value}\n" for name, value in self.headers).encode())
        head = [(":status", "200"), ("x-read", str(len(self.body))), ("x-sum", str(checksum(self.body))), ("x-headers", str(headers))]
        size = 0 if self.end == "headers" else self.size
        trailers = [] if self.end == "headers" else [(f"x-t{at}", str(at)) for at in range(self.trailers)]
        return ([head] + ([trailers] if trailers else []), size, checksum(PATTERN[:size]), "end")

    def seen(self):
        return (self.lists, self.read, self.sum, self.over)


def kept(headers):
    return [(name, value) for name, value in headers if name == ":status" or name.startswith("x-")]


def heard(connection, exchanges, events):
    for event in events:
        exchange = exchanges.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            raise RuntimeError(f"GOAWAY {event.error_code}")
        if exchange is None:
            continue
        if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
            exchange.lists.append(kept(event.headers))
        elif isinstance(event, h2.events.DataReceived):
            exchange.read += len(event.data)
            exchange.sum = checksum(event.data, exchange.sum)
            if not exchange.over and event.flow_controlled_length > 0:
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            exchange.over = "end"
        elif isinstance(event, h2.events.StreamReset):
            exchange.over = f"reset {event.error_code}"


def steps(connection, dice, stream, exchange):
    """Each step sends some frames of the request."""
    fields = [(":method", "POST"), (":scheme", "http"), (":path", exchange.path()), (":authority", "127.0.0.1")]
    whole = not exchange.body and not exchange.sent_trailers and dice.random() < 0.5
    connection.send_headers(stream, fields + exchange.headers, end_stream=whole)
    yield
    if not whole:
        at = 0
        while at < len(exchange.body):
            if exchange.cancelled and dice.random() < 0.5:
                break
            size = dice.randint(1, 50 if dice.random() < 0.5 else 6000)
            padding = dice.randint(0, 255) if dice.random() < 0.3 else None
            connection.send_data(stream, exchange.body[at : at + size], pad_length=padding)
            at += size
            yield
        if not exchange.cancelled:
            if exchange.sent_trailers:
                connection.send_headers(stream, [("x-trailer", "1")], end_stream=True)
            else:
                connection.end_stream(stream)
            yield
    if exchange.cancelled:
        connection.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)


def aside(connection, dice):
    what = dice.randint(0, 2)
    if what == 0:
        connection.ping(bytes(8))
    elif what == 1:
        # Only larger: h2 takes DATA that its own smaller window does not cover yet for a fault.
        least = connection.local_settings.initial_window_size
        connection.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: dice.randint(least, least + 10000)})
    else:
        connection.increment_flow_control_window(dice.randint(1, 10000))


def play(port, seed):
    dice = random.Random(seed)
    plug = socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    exchanges = {2 * at + 1: Exchange(dice) for at in range(dice.randint(1, 10))}
    waiting = list(exchanges.items())
    running = []
    asides = dice.randint(0, 5)
    while waiting or running:
        if asides and dice.random() < 0.1:
            asides -= 1
            aside(connection, dice)
        if waiting and (not running or dice.random() < 0.3):
            stream, exchange = waiting.pop(0)
            running.append(steps(connection, dice, stream, exchange))
            next(running[-1])
        else:
            turn = dice.choice(running)
            if next(turn, "over") == "over":
                running.remove(turn)
        if dice.random() < 0.5:
            plug.sendall(connection.data_to_send())
    plug.sendall(connection.data_to_send())
    faults = []
    try:
        while any(not each.over and not each.cancelled for each in exchanges.values()):
            data = plug.recv(65536)
            if not data:
                break
            heard(connection, exchanges, connection.receive_data(data))
            plug.sendall(connection.data_to_send())
    except (OSError, RuntimeError, h2.exceptions.ProtocolError) as reason:
        faults.append(f"seed {seed}: {reason!r}")
    plug.close()
    for stream, exchange in exchanges.items():
        if not exchange.cancelled and exchange.seen() != exchange.expected():
            faults.append(f"seed {seed}, stream {stream}: {exchange.seen()}, {exchange.expected()} is wanted")
    return len(exchanges), faults


def main():
    port, first, count = (int(each) for each in sys.argv[1:4])
    total = 0
    for seed in range(first, first + count):
        exchanges, faults = play(port, seed)
        total += exchanges
        for fault in faults:
            print(fault)
    print(f"exchanges {total}")


main()
