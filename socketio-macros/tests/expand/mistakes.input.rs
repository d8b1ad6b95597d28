#[socket_connection]
impl Chat {
    #[on_open]
    fn open(name: String) -> Self {
        Chat
    }

    #[event(hello)]
    fn hello(&self) {}

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }
}
