# A server on the h2 library that does what service.ts says: the third opinion.
import asyncio
import contextlib
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

PATTERN = bytes((at * 31 + (at >> 8)) & 0xFF for at in range(65536))


def checksum(data, total=0x811C9DC5):
    for byte in data:
        total = ((total ^ byte) * 0x01000193) & 0xFFFFFFFF
    return total


class Request:
    def __init__(self, headers):
        self.path = dict(headers)[b":path"].decode()
        kept = [name + b"=" + value + b"\n" for name, value in headers if name.startswith(b"x-")]
        self.headers = checksum(b"".join(kept))
        self.read = 0
        self.sum = checksum(b"")


class Server(asyncio.Protocol):
    def __init__(self):
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
        self.requests = {}
        self.replies = {}

    def connection_made(self, transport):
        self.transport = transport
        self.connection.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 100})
        self.connection.initiate_connection()
        self.flush()

    def flush(self):
        self.transport.write(self.connection.data_to_send())

    def data_received(self, data):
        try:
            events = self.connection.receive_data(data)
        except h2.exceptions.ProtocolError:
            self.flush()
            self.transport.close()
            return
        for event in events:
            self.event(event)
        for stream in list(self.replies):
            self.pump(stream)
        self.flush()

    def event(self, event):
        stream = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.RequestReceived):
            self.requests[stream] = Request(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            request = self.requests.get(stream)
            if request is not None:
                request.read += len(event.data)
                request.sum = checksum(event.data, request.sum)
            if event.flow_controlled_length > 0:
                self.connection.increment_flow_control_window(event.flow_controlled_length)
        elif isinstance(event, h2.events.StreamEnded):
            request = self.requests.pop(stream)
            with contextlib.suppress(h2.exceptions.ProtocolError):  # It was reset by what came after.
                self.answer(stream, request)
        elif isinstance(event, h2.events.StreamReset):
            self.requests.pop(stream, None)
            self.replies.pop(stream, None)

    def answer(self, stream, request):
        _, size, _, trailers, end = request.path.split("/")
        headers = [
            (b":status", b"200"),
            (b"x-read", str(request.read).encode()),
            (b"x-sum", str(request.sum).encode()),
            (b"x-headers", str(request.headers).encode()),
        ]
        self.connection.send_headers(stream, headers, end_stream=end == "headers")
        if end != "headers":
            self.replies[stream] = [PATTERN[: int(size)], int(trailers), end]

    def pump(self, stream):
        reply = self.replies[stream]
        while reply[0]:
            room = min(self.connection.local_flow_control_window(stream), self.connection.max_outbound_frame_size, len(reply[0]))
            if room <= 0:
                return
            self.connection.send_data(stream, reply[0][:room])
            reply[0] = reply[0][room:]
        del self.replies[stream]
        _, trailers, end = reply
        if end == "reset":
            self.connection.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif trailers == 0:
            self.connection.end_stream(stream)
        else:
            fields = [(b"x-t%d" % at, b"%d" % at) for at in range(trailers)]
            self.connection.send_headers(stream, fields, end_stream=True)


async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # Until whoever started it is gone.


asyncio.run(main())
