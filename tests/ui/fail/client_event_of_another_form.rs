use socketio_core::prelude::*;

#[client_events]
trait ChatClient {
    fn receiver(&self, name: &str);
    fn body(name: &str) {
        drop(name);
    }
    async fn both(&mut self) -> bool {
        true
    }
    fn generic<T>(name: T);
    fn lifetime<'a>(name: &'a str);
    fn bounded(name: &str)
    where
        Self: Sized;
    fn answer(question: &str) -> bool;
    fn future(question: &str) -> impl Future<Output = bool>;
    async fn borrowed() -> &str;
    async fn result() -> Result<bool, String>;
    const fn constant();
    unsafe fn dangerous();
    extern "C" fn foreign();
    fn sound(name: &str);
}

fn f(socket: &Socket<dyn ChatClient>) {
    // All others are there still.
    socket.client().sound("Joes").ok();
}

fn main() {}
