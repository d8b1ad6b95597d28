#[socket_connection]
impl Chat {
    #[event]
    fn own(&self) {}

    #[event(queue = "disk")]
    async fn read(&self) {}

    #[event("store", queue = "disk")]
    async fn write(&self) {}

    #[event(queue)]
    async fn print(&self) {}

    #[cfg(feature = "search")]
    #[event(args = "keyword", concurrent)]
    async fn search(&self) {}

    #[event]
    async fn rename(&mut self) {}

    #[on_message(queue)]
    fn message(&self) {}

    #[cfg(feature = "log")]
    #[on_event(concurrent)]
    fn log(&self) {}

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        OnError::Ignore
    }
}
