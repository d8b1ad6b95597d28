#[socket_connection(extra_args = "ignore")]
impl Search {
    /// Finds.
    #[event("search", extra_args = "refuse")]
    async fn find(
        &self,
        socket: &Socket,
        query: &str,
        limit: Option<u32>,
        #[default] from: u32,
        #[default = Order::Newest] order: Order,
        #[default = "all"] kind: &str,
        #[arg(name = "in")] place: Option<&str>,
        #[rest] more: Vec<Term>,
    ) -> Result<Vec<Hit>, SearchError> {
        todo!()
    }

    #[event]
    fn add(&mut self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn hit(&self, id: u64) -> Answer<Hit> {
        todo!()
    }

    #[event("pairs", args = "positional")]
    fn pairs<'a>(&'a self, (a, b): (i32, i32), raw: &'a RawValue, name: Cow<'a, str>) {}
}
