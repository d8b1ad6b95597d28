// socket.io 0.9.19 on Node.js: the wire that TornadIO2 speaks, too.
const http = require("http").createServer();
const io = require("socket.io-0").listen(http, { log: false, "flash policy server": false });

import("./handlers.mjs").then(({ announce, handle }) => {
  io.sockets.on("connection", handle(io));
  http.listen(0, "127.0.0.1", () => announce(http.address().port));
});
