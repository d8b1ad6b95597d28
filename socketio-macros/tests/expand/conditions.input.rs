#[socket_connection]
impl Chat {
    #[cfg(feature = "auth")]
    #[on_open]
    fn open(State(users): State<Users>) -> Self {
        Chat
    }

    #[cfg(feature = "admin")]
    #[allow(deprecated)]
    #[event]
    fn kick(&self, #[ctx] admin: Admin, #[cfg(feature = "reason")] reason: String) {}

    #[cfg(any(test, debug_assertions))]
    #[cfg(feature = "log")]
    #[on_event]
    fn log(&self, event: Event) {}
}
