use std::rc::Rc;

use socketio_core::prelude::*;

#[guard]
async fn counted() -> Option<()> {
    let count = Rc::new(());
    std::future::ready(()).await;
    Some(drop(count))
}

fn main() {}
