#[socket_connection]
impl Chat {
    #[cfg(feature = "auth")]
    #[on_open]
    fn open(State(users): State<Users>) -> Self {
        Chat
    }

    #[cfg(feature = "games")]
    #[on_endpoint]
    fn endpoint(path: &str) -> Option<Endpoint<Games>> {
        None
    }

    #[cfg(not(feature = "games"))]
    #[on_endpoint]
    fn no_endpoint(info: &ConnectionInfo) -> Endpoint {
        Endpoint::of::<Nothing>()
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
