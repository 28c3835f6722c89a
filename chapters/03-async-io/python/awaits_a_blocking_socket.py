"""The article's mistake, reduced: `await` before a method of a blocking socket. It ends in a TypeError."""

import asyncio
import socket


async def main():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()):
            client, _ = await listener.accept()  # accept() blocks, and returns a tuple: nothing to await
            client.close()


if __name__ == "__main__":
    asyncio.run(main())
