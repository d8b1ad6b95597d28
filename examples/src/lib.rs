//! What the examples share: where to listen, and which client to hand to their pages.
//!
//! The command line and the environment go in, [`Options`] come out; every example calls
//! [`Options::read`] first. What is not said has a default, so `cargo run --bin chat` just works.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

const USAGE: &str = "\
options: [ADDRESS]     where to listen, as 0.0.0.0 or 0.0.0.0:8080; default 127.0.0.1
         --port N      the port, 0 for any free one; default $PORT, or 3000
         --client DIR  an npm install of socket.io-client to serve; default $SOCKET_IO_CLIENT,
                       or one found in node_modules, or else the Socket.IO project's CDN";

/// Where `npm install` may have put the client.
const CLIENT_DIRS: [&str; 2] =
    ["tests/clients/node_modules/socket.io-client", "node_modules/socket.io-client"];

/// How an example was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// The folder of an npm install of socket.io-client, if there is one.
    pub client: Option<PathBuf>,
}

impl Options {
    /// Reads the command line and the environment. What it can't read ends the process, with the
    /// reason.
    pub fn read() -> Self {
        let env = |name: &str| std::env::var(name).ok();
        let mut options = parse(std::env::args().skip(1), env).unwrap_or_else(|problem| {
            eprintln!("{problem}\n{USAGE}");
            std::process::exit(2)
        });
        if options.client.is_none() {
            let installed = CLIENT_DIRS.iter().map(Path::new).find(|dir| dir.is_dir());
            options.client = installed.map(Path::to_owned);
        }
        options
    }
}

fn parse(
    mut args: impl Iterator<Item = String>,
    env: impl Fn(&str) -> Option<String>,
) -> Result<Options, String> {
    let mut ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut port = env("PORT").map_or(Ok(3000), |port| number(&port))?;
    let mut client = env("SOCKET_IO_CLIENT");
    let mut port_option = None;
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match &*arg {
            "--port" => port_option = Some(number(&value()?)?),
            "--client" => client = Some(value()?),
            _ => match arg.parse::<SocketAddr>() {
                Ok(address) => (ip, port) = (address.ip(), address.port()),
                Err(_) => ip = arg.parse().map_err(|_| format!("`{arg}` is not an address"))?,
            },
        }
    }
    let address = SocketAddr::new(ip, port_option.unwrap_or(port));
    Ok(Options { address, client: client.map(PathBuf::from) })
}

fn number(port: &str) -> Result<u16, String> {
    port.parse().map_err(|_| format!("`{port}` is not a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &str, env: &[(&str, &str)], expected: Result<(&str, Option<&str>), &str>) {
        let env = |name: &str| Some(env.iter().find(|(key, _)| *key == name)?.1.to_owned());
        let parsed = parse(args.split_whitespace().map(str::to_owned), env);
        let expected = expected
            .map(|(address, client)| Options {
                address: address.parse().unwrap(),
                client: client.map(PathBuf::from),
            })
            .map_err(str::to_owned);
        assert_eq!(parsed, expected, "{args}");
    }

    #[test]
    fn options_win_over_the_environment_and_that_over_defaults() {
        let port = [("PORT", "80")];
        let client = [("SOCKET_IO_CLIENT", "env")];
        check("", &[], Ok(("127.0.0.1:3000", None)));
        check("", &port, Ok(("127.0.0.1:80", None)));
        check("--port 0", &port, Ok(("127.0.0.1:0", None)));
        check("0.0.0.0", &port, Ok(("0.0.0.0:80", None)));
        check("0.0.0.0:81", &port, Ok(("0.0.0.0:81", None)));
        check("--port 82 [::1]:81", &port, Ok(("[::1]:82", None)));
        check("", &client, Ok(("127.0.0.1:3000", Some("env"))));
        check("--client dir", &client, Ok(("127.0.0.1:3000", Some("dir"))));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("--port", &[], Err("--port needs a value"));
        check("--port x", &[], Err("`x` is not a port"));
        check("", &[("PORT", "65536")], Err("`65536` is not a port"));
        check("--verbose", &[], Err("`--verbose` is not an address"));
    }
}
