//! What the examples share: where to listen, which clients to hand to their pages, and the pages' look.
//!
//! The command line and the environment go in, [`Options`] come out; every example calls
//! [`Options::read`] first, [`Options::listen`] and [`Options::page`] last. What is not said has a default,
//! so `cargo run --bin chat` just works.

mod clients;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::RawQuery;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

const USAGE: &str = "\
options: [ADDRESS]     where to listen, as 0.0.0.0 or 0.0.0.0:8080; default 127.0.0.1
         --port N      the port, 0 for any free one; default $PORT, or 3000
         --clients DIR where npm has put socket.io-client, once or several times; default
                       $SOCKET_IO_CLIENTS, or a node_modules that is here. A client that is not
                       there comes from the Socket.IO project's CDN";

/// Where `npm install` may have put clients.
const CLIENTS: [&str; 2] = ["tests/clients/node_modules", "node_modules"];

/// How an example was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// The folder with npm installs of socket.io-client. For a client that is not in it, pages are sent to
    /// the CDN.
    pub clients: PathBuf,
}

impl Options {
    /// Reads the command line and the environment. What it can't read ends the process, with the
    /// reason.
    pub fn read() -> Self {
        Self::read_with([]).0
    }

    /// As [`Options::read`], and gives what follows each of `own`, the example's own options, such as
    /// `--cert`.
    pub fn read_with<const N: usize>(own: [&str; N]) -> (Self, [Option<String>; N]) {
        let env = |name: &str| std::env::var(name).ok();
        parse(std::env::args().skip(1), env, own).unwrap_or_else(|problem| {
            eprintln!("{problem}\n{USAGE}");
            for option in own {
                eprintln!("         {option} …");
            }
            std::process::exit(2)
        })
    }

    /// The address so many ports further on. Any free port stays any free port.
    pub fn address_after(&self, ports: u16) -> SocketAddr {
        let port = match self.address.port() {
            0 => 0,
            port => port.wrapping_add(ports),
        };
        SocketAddr::new(self.address.ip(), port)
    }

    /// Listens where it should, and prints the address to open.
    ///
    /// # Errors
    ///
    /// When something else listens there already, most likely.
    pub async fn listen(&self, example: &str) -> io::Result<TcpListener> {
        let listener = bind(self.address).await?;
        println!("{example}: http://{}", listener.local_addr()?);
        Ok(listener)
    }

    /// Serves a page at `/`, and beside it what all pages share. `/?client=0.9`, `2` or `4` says which
    /// client the page is to use, which it has from `/client/4.js`: the `{{client}}` in it is that name.
    pub fn page(&self, html: impl Into<String>) -> Router {
        let html = html.into();
        let page = async move |RawQuery(query): RawQuery| {
            Html(html.replace("{{client}}", clients::chosen(query.as_deref())))
        };
        let css = ([(CONTENT_TYPE, "text/css")], include_str!("../pages/look.css"));
        let js = ([(CONTENT_TYPE, "text/javascript")], include_str!("../pages/page.js"));
        Router::new()
            .route("/", get(page))
            .route("/look.css", get(css))
            .route("/page.js", get(js))
            .merge(clients::serve(&self.clients))
    }
}

/// Listens at an address.
///
/// # Errors
///
/// As the system's, with the address and what to do.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let say = |error: io::Error| {
        let advice = "`--port 0` finds a free port";
        io::Error::new(error.kind(), format!("can't listen at {address}: {error}; {advice}"))
    };
    TcpListener::bind(address).await.map_err(say)
}

fn parse<const N: usize>(
    mut args: impl Iterator<Item = String>,
    env: impl Fn(&str) -> Option<String>,
    own: [&str; N],
) -> Result<(Options, [Option<String>; N]), String> {
    let mut ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut port = env("PORT").map_or(Ok(3000), |port| number(&port))?;
    let mut clients = env("SOCKET_IO_CLIENTS");
    let mut port_option = None;
    let mut values = [const { None }; N];
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        if let Some((_, slot)) = own.iter().zip(&mut values).find(|(option, _)| **option == arg) {
            *slot = Some(value()?);
            continue;
        }
        match &*arg {
            "--port" => port_option = Some(number(&value()?)?),
            "--clients" => clients = Some(value()?),
            _ => match arg.parse::<SocketAddr>() {
                Ok(address) => (ip, port) = (address.ip(), address.port()),
                Err(_) => ip = arg.parse().map_err(|_| format!("`{arg}` is not an address"))?,
            },
        }
    }
    let address = SocketAddr::new(ip, port_option.unwrap_or(port));
    let clients = clients.map_or_else(installed_clients, PathBuf::from);
    Ok((Options { address, clients }, values))
}

/// The first of the folders that is there, or else the last.
fn installed_clients() -> PathBuf {
    let [first, last] = CLIENTS.map(Path::new);
    if first.is_dir() { first } else { last }.to_owned()
}

fn number(port: &str) -> Result<u16, String> {
    port.parse().map_err(|_| format!("`{port}` is not a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &str, env: &[(&str, &str)], expected: Result<(&str, Option<&str>), &str>) {
        let env = |name: &str| Some(env.iter().find(|(key, _)| *key == name)?.1.to_owned());
        let parsed = parse(args.split_whitespace().map(str::to_owned), env, []);
        let expected = expected
            .map(|(address, clients)| Options {
                address: address.parse().unwrap(),
                clients: clients.map_or_else(installed_clients, PathBuf::from),
            })
            .map_err(str::to_owned);
        assert_eq!(parsed.map(|(options, [])| options), expected, "{args}");
    }

    #[test]
    fn options_win_over_the_environment_and_that_over_defaults() {
        let port = [("PORT", "80")];
        let clients = [("SOCKET_IO_CLIENTS", "env")];
        check("", &[], Ok(("127.0.0.1:3000", None)));
        check("", &port, Ok(("127.0.0.1:80", None)));
        check("--port 0", &port, Ok(("127.0.0.1:0", None)));
        check("0.0.0.0", &port, Ok(("0.0.0.0:80", None)));
        check("0.0.0.0:81", &port, Ok(("0.0.0.0:81", None)));
        check("--port 82 [::1]:81", &port, Ok(("[::1]:82", None)));
        check("", &clients, Ok(("127.0.0.1:3000", Some("env"))));
        check("--clients dir", &clients, Ok(("127.0.0.1:3000", Some("dir"))));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("--port", &[], Err("--port needs a value"));
        check("--port x", &[], Err("`x` is not a port"));
        check("", &[("PORT", "65536")], Err("`65536` is not a port"));
        check("--verbose", &[], Err("`--verbose` is not an address"));
    }
}
