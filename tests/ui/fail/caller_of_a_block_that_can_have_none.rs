use socketio_core::prelude::*;

#[derive(Default)]
struct Chat<T>(T);

#[socket_connection(caller = ChatCaller)]
impl<T: Default + Send + Sync + 'static> Chat<T> {
    #[event]
    fn hello(&self) {}
}

#[derive(Default)]
struct Search;

#[socket_connection(caller = SearchCaller)]
impl Search {
    #[event]
    fn find(&self) -> impl serde::Serialize {
        1
    }

    #[event]
    fn ask(&self) -> Result<impl serde::Serialize, String> {
        Ok(1)
    }
}

fn main() {}
