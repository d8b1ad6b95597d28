// socket.io 2.5 on Node.js.
const http = require("http").createServer();
const io = require("socket.io-2")(http, { serveClient: false });

import("./handlers.mjs").then(({ announce, handle }) => {
  io.on("connection", handle(io));
  http.listen(0, "127.0.0.1", () => announce(http.address().port));
});
