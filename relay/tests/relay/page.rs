//! The viewer page as it is served.

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
    let policy = other.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self' ws://relay.example:1 wss://relay.example:1",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(part), "{part}");
    }
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

#[tokio::test]
async fn nothing_else_is_served() {
    let world = World::new().await;
    for path in [
        "/assets/index.html",
        "/assets/..%2Findex.html",
        "/assets/package.json",
        "/assets/",
        "/s/",
    ] {
        let answer = world.ask_plainly("GET", path, &[], b"").await;
        assert_eq!(answer.status, 404, "{path}");
    }
}
