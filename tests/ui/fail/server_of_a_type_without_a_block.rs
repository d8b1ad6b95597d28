use socketio_core::SocketIo;

#[derive(Default)]
struct Chat;

fn main() {
    SocketIo::builder::<Chat>().build();
}
