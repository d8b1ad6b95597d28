// socket.io 4.8 on Bun, with the engine made for it.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { announce, handle } from "./handlers.mjs";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
io.on("connection", handle(io));
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 60, ...engine.handler() });
announce(server.port);
