#![deny(warnings)]
#![allow(clippy::too_many_arguments)]

use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[rustfmt::skip]
    #[event]
    async fn many(
        &self,
        p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, p5: u32, p6: u32, p7: u32, p8: u32, p9: u32,
        p10: Option<u32>, p11: Option<u32>, p12: Option<u32>, p13: Option<u32>, p14: Option<u32>, p15: Option<u32>, p16: Option<u32>, p17: Option<u32>, p18: Option<u32>, p19: Option<u32>,
        #[default] p20: u32, #[default] p21: u32, #[default] p22: u32, #[default] p23: u32, #[default] p24: u32, #[default] p25: u32, #[default] p26: u32, #[default] p27: u32, #[default] p28: u32, #[default] p29: u32,
    ) -> u32 {
        let optional = [p10, p11, p12, p13, p14, p15, p16, p17, p18, p19];
        optional.into_iter().flatten().sum::<u32>()
            + p0 + p1 + p2 + p3 + p4 + p5 + p6 + p7 + p8 + p9
            + p20 + p21 + p22 + p23 + p24 + p25 + p26 + p27 + p28 + p29
    }
}

fn main() {
    let _server = socketio_core::SocketIo::builder::<Chat>().build();
}
