/// What the page understands.
#[client_events]
pub trait ChatClient {
    /// Thanks somebody.
    fn thanks(name: &str);
    #[event("new message")]
    fn new_message(from: &Person, text: &str, room: Option<&str>, tags: Option<Vec<String>>);
    #[event(args = "keyword")]
    fn moved(x: Option<u16>, #[arg(name = "type")] kind: Cow<'_, str>);
    #[cfg(feature = "pictures")]
    #[deprecated = "links are enough"]
    fn picture(data: &[u8], of: &[Person]);
    #[event("ask again")]
    async fn confirm(question: &str) -> bool;
    async fn done();
    fn half<T>(of: T);
}
