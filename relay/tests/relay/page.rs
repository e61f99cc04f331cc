//! The viewer page as it is served.

use std::path::Path;

use crate::world::World;

#[tokio::test]
async fn the_page_is_the_same_for_every_id_and_fenced_in() {
    let world = World::new().await;
    let session = world.session().await;
    let own = world
        .ask_plainly("GET", &format!("/s/{}", session.id), &[], b"")
        .await;
    let other = world
        .ask_plainly(
            "GET",
            "/s/sess_unknown",
            &[("Host", "relay.example:1")],
            b"",
        )
        .await;
    assert_eq!((own.status, other.status), (200, 200));
    assert_eq!(own.body, other.body);
    assert_eq!(own.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        other.header("content-security-policy"),
        "script-src 'self'; worker-src 'self'; connect-src 'self' wss://relay.example:1; \
         img-src blob:; style-src 'self'; default-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(own.header(name), value);
    }
    assert_eq!(world.status(&session).await, "PENDING", "nothing happened");
}

#[tokio::test]
async fn what_the_page_names_is_served() {
    let world = World::new().await;
    let page = world.ask_plainly("GET", "/s/sess_x", &[], b"").await;
    let page = String::from_utf8(page.body).expect("text");
    let mut named = 0;
    for part in page.split("assets/").skip(1) {
        let name = part.split('"').next().expect("a name");
        let asset = world
            .ask_plainly("GET", &format!("/assets/{name}"), &[], b"")
            .await;
        assert_eq!(asset.status, 200, "{name}");
        let content_type = asset.header("content-type");
        let expected = if name.ends_with(".js") {
            "text/javascript"
        } else {
            "text/css"
        };
        assert!(content_type.starts_with(expected), "{name}");
        assert_eq!(asset.header("cache-control"), "no-store");
        named += 1;
    }
    assert!(named >= 2, "a page has a script and a style");
}

/// A burnt link: some mail filter escaped its `#`. The page itself says so.
#[tokio::test]
async fn a_link_whose_hash_was_escaped_gets_the_same_page() {
    let world = World::new().await;
    let page = world.ask_plainly("GET", "/s/sess_x", &[], b"").await;
    for path in ["/s/sess_x%232.Axyz_-", "/s/sess_x%231.Axyz_-"] {
        let burnt = world.ask_plainly("GET", path, &[], b"").await;
        assert_eq!((burnt.status, &burnt.body), (200, &page.body));
    }
}

#[tokio::test]
async fn every_file_of_the_page_is_served_with_the_pages_own_fence() {
    let world = World::new().await;
    let page = world.ask_plainly("GET", "/s/sess_x", &[], b"").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("viewer");
    let mut folders = vec![folder.clone()];
    let mut served = 0;
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().expect("the page's folder") {
            let path = entry.expect("readable").path();
            let name = path.strip_prefix(&folder).expect("below it");
            let name = name.to_str().expect("plain names").to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".js") || name.ends_with(".css") {
                let asset = format!("/assets/{name}");
                let asset = world.ask_plainly("GET", &asset, &[], b"").await;
                assert_eq!(asset.status, 200, "{name}");
                for header in [
                    "content-security-policy",
                    "referrer-policy",
                    "cross-origin-opener-policy",
                    "x-content-type-options",
                    "cache-control",
                ] {
                    assert_eq!(asset.header(header), page.header(header), "{name}");
                }
                served += 1;
            }
        }
    }
    assert!(served > 10, "there is a page");
}

#[tokio::test]
async fn nothing_else_is_served() {
    let world = World::new().await;
    for path in [
        "/assets/index.html",
        "/assets/..%2Findex.html",
        "/assets/package.json",
        "/assets/secure/../index.html",
        "/assets//main.js",
        "/assets/",
        "/s/",
    ] {
        let answer = world.ask_plainly("GET", path, &[], b"").await;
        assert_eq!(answer.status, 404, "{path}");
    }
}
