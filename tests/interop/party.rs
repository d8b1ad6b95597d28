//! An endpoint where one says whom to tell something, and how.

use serde::Deserialize;
use socketio_core::prelude::*;

#[derive(Default)]
pub(crate) struct Party;

/// Whom to tell, and how.
#[derive(Deserialize)]
struct How {
    /// By the server; else by the one who asks, who tells others.
    outside: bool,
    to: Vec<String>,
    except: Vec<String>,
    volatile: bool,
    ack: bool,
}

#[socket_connection]
impl Party {
    #[event]
    fn join(&self, socket: &Socket, rooms: Vec<String>) -> String {
        socket.join(rooms);
        socket.id().to_string()
    }

    /// Tells a number to whom it is for, and then all that this is over. Gives what was acknowledged, and how
    /// many failed.
    #[event(concurrent)]
    async fn tell(
        &self,
        socket: &Socket,
        how: How,
        number: u32,
    ) -> Result<(Vec<String>, usize), EmitError> {
        let server = socket.server();
        let all = || server.of(socket.endpoint());
        let told = if how.outside { all() } else { socket.broadcast() };
        let told = if how.to.is_empty() { told } else { told.to(how.to) };
        let told = told.except(how.except);
        let told = if how.volatile { told.volatile() } else { told };
        let (mut answers, mut failed) = (Vec::new(), 0);
        if how.ack {
            for (_, answer) in told.emit_with_ack::<String>("told", number).await? {
                match answer {
                    Ok(answer) => answers.push(answer),
                    Err(_) => failed += 1,
                }
            }
        } else {
            told.emit("told", number)?;
        }
        all().emit("end", number)?;
        Ok((answers, failed))
    }
}
