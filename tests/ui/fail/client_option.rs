use socketio_core::prelude::*;

#[derive(Default)]
struct A;

#[socket_connection(client = "ChatClient", strict)]
impl A {}

#[derive(Default)]
struct B;

#[socket_connection(strict)]
impl B {}

#[derive(Default)]
struct C;

#[socket_connection(client, strict = true)]
impl C {}

#[derive(Default)]
struct D;

#[socket_connection(cleint = ChatClient)]
impl D {}

fn main() {}
