use socketio_core::prelude::*;

#[client_events]
trait ChatClient {
    fn pattern((a, b): (u8, u8));
    fn wild(_: u8);
    fn hidden(_x: u8);
    fn some(name: impl Copy);
    fn exclusive(list: &mut Vec<u8>);
    fn forever(name: &'static str);
    fn inside<'a>(name: std::borrow::Cow<'a, str>);
    fn late(a: Option<u8>, b: u8);
    fn same(a: u8, #[arg(name = "a")] b: u8);
    fn rest(#[rest] a: Vec<u8>);
    fn sometimes(#[cfg(test)] a: u8);
}

fn main() {}
