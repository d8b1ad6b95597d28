// What every generation of socket.io does alike.
export const handle = (io) => (socket) => {
  socket.on("echo", (text, ack) => ack(text));
  socket.on("object", (object, ack) => ack(object));
  socket.on("broadcast", (text) => io.sockets.emit("news", text));
  socket.on("room", (text) => (io.to ?? io.sockets.in).call(io.to ? io : io.sockets, "room 0").emit("news", text));
  socket.on("join", (rooms, ack) => {
    for (let room = 0; room < rooms; room++) socket.join(`room ${room}`);
    ack();
  });
};

export const announce = (port) => console.log(`http://127.0.0.1:${port}`);
