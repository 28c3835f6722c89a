"""A coroutine for each client, with asyncio. coroutine_server.cpp is its twin.

With --protocol it is callbacks instead, which is asyncio's lower level. callback_server.cpp is that one's twin.
"""

import argparse
import asyncio
import signal


async def echo(reader, writer):
    try:
        while received := await reader.read(4096):
            writer.write(received)
            await writer.drain()
    except ConnectionError:
        pass  # a reset ends this client, and nobody else
    finally:
        writer.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):  # the client takes less than it sends
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def serve(host, port, protocol):
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if protocol:
        server = await loop.create_server(Echo, host, port, backlog=4096)
    else:
        server = await asyncio.start_server(echo, host, port, backlog=4096)
    port = server.sockets[0].getsockname()[1]
    print(f"listening on {host}:{port}", flush=True)
    await stopped.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--protocol", action="store_true", help="callbacks, not a coroutine")
    chosen = parser.parse_args()
    host, port = chosen.listen.rsplit(":", 1)
    asyncio.run(serve(host, int(port), chosen.protocol))


if __name__ == "__main__":
    main()
