#[socket_connection]
#[endpoints("/chat" => Chat, "/ping" => ping::Ping, "/room/{id}" => Room)]
impl Chat {
    #[on_open]
    async fn open(socket: &Socket, info: &ConnectionInfo, State(app): State<App>) -> Result<Self, Reject> {
        todo!()
    }

    #[on_endpoint]
    async fn endpoint(path: &str, #[ctx] games: Games) -> Result<Option<Endpoint<Played>>, Reject> {
        todo!()
    }

    #[on_message]
    async fn message(&self, socket: &Socket, message: Message) {}

    #[event]
    fn later(&self, ack: AckSender) {}

    #[on_event]
    async fn other(&self, event: &Event) {}

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        OnError::Close
    }

    #[on_close]
    async fn close(&mut self, reason: CloseReason) {}

    fn plain(&self) {}
}
