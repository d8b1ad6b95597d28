#[socket_connection]
#[guard(logged_in)]
#[guard(auth::Ban(7))]
#[throttle(100, per = "1m")]
impl Chat {
    #[on_open]
    fn open(user: Guarded<User>) -> Self {
        Chat
    }

    #[event]
    #[guard(Role::<3>)]
    #[throttle(10, per = "500ms")]
    fn ban(&self, by: Guarded<User>, name: String, role: Guarded<Role>) -> bool {
        true
    }

    #[cfg(left_out)]
    #[event]
    #[guard(nowhere)]
    fn nothing(&self) {}

    #[on_event]
    #[throttle(1, per = "1s")]
    fn other(&self, event: &Event) {}

    #[on_close]
    fn close(&mut self, user: Guarded<User>) {}
}
