#![deny(warnings)]

use std::fmt::Debug;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use socketio_core::prelude::*;

#[derive(Clone)]
struct App;

trait Store: Send + Sync + 'static {
    type Item: DeserializeOwned + Serialize + Send + Debug;
    type Error: std::error::Error + Send;
}

struct Memory;

impl Store for Memory {
    type Item = String;
    type Error = std::fmt::Error;
}

struct Chat<T, const N: usize> {
    items: Vec<String>,
    store: PhantomData<T>,
}

#[socket_connection]
impl<T: Store, const N: usize> Chat<T, N>
where
    T::Item: Clone,
{
    #[on_open]
    fn open(State(_): State<App>) -> Self {
        Self { items: Vec::with_capacity(N), store: PhantomData }
    }

    #[event]
    async fn put(&mut self, item: T::Item) -> Result<T::Item, T::Error> {
        std::future::ready(()).await;
        self.items.push(format!("{item:?}"));
        Ok(item.clone())
    }
}

struct Bare<T>(T);

#[socket_connection]
impl<T> Bare<T>
where
    T: Default,
{
    #[on_open]
    fn open() -> Bare<T> {
        Self(T::default())
    }

    #[event]
    async fn hello(&self) -> u32 {
        let _ = &self.0;
        1
    }
}

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/memory" => Chat<Memory, 4>, "/bare" => Bare<u32>)]
impl Lobby {}

fn main() {
    let _server = socketio_core::SocketIo::builder::<Lobby>().state(App).build();
}
