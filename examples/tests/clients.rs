//! What every example serves beside its own page: the client that the page's address asks for.

use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use socketio_examples::Options;
use socketio_tests::http::{Response, request};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Serves a page, with the clients of a folder, and gets something from there.
async fn get(clients: &Path, path: &str) -> Outcome<Response> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = Options { address, clients: clients.to_owned() };
    let listener = options.listen("Test").await?;
    let address = listener.local_addr()?;
    let page = options.page("<script src=\"client/{{client}}.js\"></script>");
    tokio::spawn(async { axum::serve(listener, page).await });
    Ok(request(address, "GET", path, &[], b"").await?)
}

/// A folder as npm makes it, with packages of these names and versions in folders of those names.
fn node_modules(name: &str, packages: &[(&str, &str, &str)]) -> Outcome<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (folder, package, version) in packages {
        let dist = dir.join(folder).join("dist");
        fs::create_dir_all(&dist)?;
        let about = format!(r#"{{"name": "{package}", "version": "{version}"}}"#);
        fs::write(dir.join(folder).join("package.json"), about)?;
        for script in ["socket.io.js", "socket.io.min.js"] {
            fs::write(dist.join(script), format!("{version} {script}"))?;
        }
    }
    Ok(dir)
}

#[tokio::test]
async fn a_page_loads_the_client_that_its_address_names() -> Outcome {
    for (path, client) in [("/", "4"), ("/?client=0.9", "0.9"), ("/?client=2", "2")] {
        let page = get(Path::new("nowhere"), path).await?;
        assert_eq!(page.text(), format!("<script src=\"client/{client}.js\"></script>"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn clients_are_told_apart_by_their_versions_whatever_their_folders_names() -> Outcome {
    let packages = [
        ("socket.io-client", "socket.io-client", "0.9.17"),
        ("old", "socket.io-client", "2.5.0"),
        ("new", "socket.io-client", "4.8.4"),
        ("40", "socket.io-client", "40.0.0"),
        ("other", "socket.io-parser", "4.2.4"),
    ];
    let dir = node_modules("all", &packages)?;
    for (path, script) in [
        ("/client/0.9.js", "0.9.17 socket.io.min.js"),
        ("/client/2.js", "2.5.0 socket.io.js"),
        ("/client/4.js", "4.8.4 socket.io.min.js"),
    ] {
        let answer = get(&dir, path).await?;
        assert_eq!(answer.text(), script, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/javascript"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_is_not_there_comes_from_the_cdn() -> Outcome {
    let dir = node_modules("one", &[("socket.io-client", "socket.io-client", "3.1.3")])?;
    for (path, start) in [
        ("/client/0.9.js", "https://cdn.socket.io/0.9."),
        ("/client/2.js", "https://cdn.socket.io/2."),
        ("/client/4.js", "https://cdn.socket.io/4."),
    ] {
        let answer = get(&dir, path).await?;
        let location = answer.header("location").unwrap_or_default();
        assert_eq!(answer.status, 307, "{path}");
        assert!(location.starts_with(start), "{path}: {location}");
    }
    Ok(())
}
