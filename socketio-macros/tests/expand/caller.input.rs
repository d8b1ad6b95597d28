#[socket_connection(caller = pub(crate) ChatCaller)]
impl Chat {
    /// Finds messages.
    #[event("search", args = "keyword")]
    #[cfg(all())]
    fn find(&self, text: String, limit: Option<u32>, #[default] exact: bool) -> Result<Vec<Hit>, Error> {
        todo!()
    }

    #[event]
    #[deprecated]
    fn put(&self, socket: &Socket, data: &[u8], #[rest] names: Vec<String>, ack: AckSender) {
        todo!()
    }
}
