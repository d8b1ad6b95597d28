//! The official clients that the pages choose from, each under its generation's name.
//!
//! In goes a folder with npm installs of socket.io-client, whatever their folders' names, as aliases are;
//! out come `/client/0.9.js`, `/client/2.js` and `/client/4.js`, read once, or sent for to the Socket.IO
//! project's CDN. Called by [`Options::page`](crate::Options::page).

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Redirect;
use axum::routing::get;
use serde::Deserialize;

/// The clients of one generation.
struct Generation {
    /// What its versions start with, and what it is called in URLs.
    name: &'static str,
    /// Its minified script in the npm package.
    script: &'static str,
    /// The same at the CDN.
    cdn: &'static str,
}

/// The current one first, which is what pages use unless they are told.
const GENERATIONS: [Generation; 3] = [
    Generation {
        name: "4",
        script: "dist/socket.io.min.js",
        cdn: "https://cdn.socket.io/4.8.1/socket.io.min.js",
    },
    Generation {
        name: "2",
        script: "dist/socket.io.js",
        cdn: "https://cdn.socket.io/2.4.1/socket.io.min.js",
    },
    Generation {
        name: "0.9",
        script: "dist/socket.io.min.js",
        cdn: "https://cdn.socket.io/0.9.17/socket.io.min.js",
    },
];

/// The client that a URL's query asks for, `client=0.9`, or else the current one.
pub(crate) fn chosen(query: Option<&str>) -> &'static str {
    let pairs = query.unwrap_or_default().split('&');
    let asked = pairs.filter_map(|pair| pair.strip_prefix("client=")).next_back();
    let [current, ..] = &GENERATIONS;
    GENERATIONS.iter().find(|one| Some(one.name) == asked).unwrap_or(current).name
}

/// Serves the clients that are in a folder, and redirects to those that are not.
pub(crate) fn serve(dir: &Path) -> Router {
    let installed = installed(dir);
    GENERATIONS.iter().fold(Router::new(), |router, Generation { name, script, cdn }| {
        let is_of =
            |version: &str| version.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        let found = installed.iter().find(|(version, _)| is_of(version));
        let file = found.and_then(|(_, package)| fs::read(package.join(script)).ok());
        let answer = match file {
            Some(file) => get(([(CONTENT_TYPE, "text/javascript")], file)),
            None => get(Redirect::temporary(cdn)),
        };
        router.route(&format!("/client/{name}.js"), answer)
    })
}

/// The versions of socket.io-client in a folder, and where they are.
fn installed(dir: &Path) -> Vec<(String, PathBuf)> {
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let folders = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let package = |folder: PathBuf| {
        let text = fs::read(folder.join("package.json")).ok()?;
        let package: Package = serde_json::from_slice(&text).ok()?;
        (package.name == "socket.io-client").then_some((package.version, folder))
    };
    folders.filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_chooses_a_client_and_otherwise_it_is_the_current_one() {
        for (query, expected) in [
            (None, "4"),
            (Some(""), "4"),
            (Some("client=0.9"), "0.9"),
            (Some("a=b&client=2"), "2"),
            (Some("client=4&c"), "4"),
            (Some("client=3"), "4"),
            (Some("client=</script>"), "4"),
        ] {
            assert_eq!(chosen(query), expected, "{query:?}");
        }
    }
}
