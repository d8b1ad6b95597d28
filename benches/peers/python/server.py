"""python-socketio on aiohttp, as its documentation shows it."""

import asyncio

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.event
async def echo(sid, text):
    return text


@sio.event
async def object(sid, value):
    return value


@sio.event
async def broadcast(sid, text):
    await sio.emit("news", text)


@sio.event
async def room(sid, text):
    await sio.emit("news", text, room="room 0")


@sio.event
async def join(sid, rooms):
    for number in range(rooms):
        await sio.enter_room(sid, f"room {number}")


async def main():
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
