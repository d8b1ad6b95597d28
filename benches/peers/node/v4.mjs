// socket.io 4.8 on Node.js.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { announce, handle } from "./handlers.mjs";

const http = createServer();
const io = new Server(http);
io.on("connection", handle(io));
http.listen(0, "127.0.0.1", () => announce(http.address().port));
