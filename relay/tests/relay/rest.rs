//! Every row of the REST API.

use authloop_relay::{ApiKeys, RelayConfig, StartError, StreamBase, start};
use serde_json::{Value, json};

use crate::world::{OTHER_KEY, World, config};

fn body() -> Value {
    json!({"service": "GitHub", "cdp_url": "wss://provider.example/?token=secret"})
}

#[tokio::test]
async fn a_session_is_created_read_and_resolved() {
    let world = World::new().await;
    let mut asked = body();
    asked["context"] =
        json!({"url": "https://github.com/login", "blocker_type": "otp", "hint": "the app's code"});
    let created = world.create_with(asked.clone()).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("cache-control"), "no-store");
    assert!(!created.header("date").is_empty(), "clients read the clock");
    let created = created.json();
    let id = created["session_id"].as_str().expect("an id");
    let base = world.relay.base_url();
    assert!(id.starts_with("sess_") && id.len() >= 5 + 22);
    let url = created["session_url"].as_str().expect("a URL");
    assert!(url.starts_with(&format!("{base}/s/{id}#1.")));
    let stream = created["stream_url"].as_str().expect("a URL");
    assert_eq!(
        stream,
        format!("{}/stream/{id}", base.replace("http", "ws"))
    );

    let record = world.ask("GET", &format!("/session/{id}"), b"").await;
    assert_eq!(record.status, 200);
    let text = String::from_utf8(record.body.clone()).expect("text");
    assert!(!text.contains("provider.example"), "cdp_url is not kept");
    let record = record.json();
    assert_eq!(record["status"], "PENDING");
    assert_eq!(record["service"], "GitHub");
    assert_eq!(record["context"], asked["context"]);
    assert_eq!(record["expires_at"], created["expires_at"]);
    let created_at = record["created_at"].as_str().expect("a time");
    assert!(created_at.ends_with('Z'), "UTC");

    let path = format!("/session/{id}/resolve");
    let resolved = world.ask("POST", &path, b"").await;
    assert_eq!(resolved.status, 200);
    assert_eq!(resolved.json(), json!({"resolved": true}));
}

#[tokio::test]
async fn the_python_sdks_context_is_echoed() {
    let world = World::new().await;
    let mut asked = body();
    asked["context"] = json!({"wall_type": "sms_otp"});
    let created = world.create_with(asked).await.json();
    let id = created["session_id"].as_str().expect("an id");
    let record = world.ask("GET", &format!("/session/{id}"), b"").await;
    assert_eq!(record.json()["context"], json!({"wall_type": "sms_otp"}));
}

#[tokio::test]
async fn a_session_is_cancelled() {
    let world = World::new().await;
    let session = world.session().await;
    let cancelled = world.cancel(&session).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(cancelled.json(), json!({"cancelled": true}));
    assert_eq!(world.status(&session).await, "CANCELLED");
}

#[tokio::test]
async fn what_has_ended_cannot_be_ended_again() {
    let world = World::new().await;
    let session = world.session().await;
    world.resolve(&session).await;
    for again in [world.resolve(&session).await, world.cancel(&session).await] {
        assert_eq!(again.status, 409);
        assert_eq!(again.error(), "already_terminal");
    }
    assert_eq!(world.status(&session).await, "RESOLVED");
}

#[tokio::test]
async fn what_has_expired_is_gone_but_readable() {
    let world = World::new().await;
    let session = world.session_for(1).await;
    world.becomes(&session, "TIMEOUT").await;
    for late in [world.resolve(&session).await, world.cancel(&session).await] {
        assert_eq!(late.status, 410);
        assert_eq!(late.error(), "expired");
    }
}

#[tokio::test]
async fn bodies_over_the_limits_are_refused() {
    let world = World::new().await;
    let with = |field: &str, value: Value| {
        let mut body = body();
        body[field] = value;
        body
    };
    for wrong in [
        with("service", json!("")),
        with("service", json!("a\nb")),
        with("service", json!("a\u{7f}")),
        with("service", json!("é".repeat(201))),
        with("service", json!(7)),
        with("ttl", json!(0)),
        with("ttl", json!(-5)),
        with("ttl", json!(1.5)),
        with("ttl", json!("600")),
        with("ttl", json!(86_401)),
        with("ttl", json!(315_360_000_u64)),
        with("context", json!({"hint": "x".repeat(1_001)})),
        with("context", json!({"url": "x".repeat(2_049)})),
        with("context", json!({"blocker_type": "dragon"})),
        with("context", json!("login")),
        json!({"service": "GitHub"}),
        json!({"cdp_url": "ws://x/"}),
        json!([]),
        json!(null),
    ] {
        let answer = world.create_with(wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.error(), "invalid_request", "{wrong}");
    }
    for right in [
        with("service", json!("é".repeat(200))),
        with("ttl", json!(86_400)),
        with("ttl", Value::Null),
        with("context", Value::Null),
        with("unknown", json!("ignored")),
    ] {
        assert_eq!(
            world.create_with(right.clone()).await.status,
            201,
            "{right}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_not_json_or_far_too_large_are_answered_in_json() {
    let world = World::new().await;
    for wrong in [
        &b""[..],
        b"{",
        b"service=GitHub",
        b"\xff\xfe",
        &[b'['; 60_000],
    ] {
        let answer = world.ask("POST", "/session", wrong).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.error(), "invalid_request");
    }
    let huge = json!({"service": "x".repeat(1_000_000), "cdp_url": ""}).to_string();
    let answer = world.ask("POST", "/session", huge.as_bytes()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.error(), "invalid_request");
}

#[tokio::test]
async fn an_error_never_repeats_what_was_sent() {
    let world = World::new().await;
    let mut wrong = body();
    wrong["context"] = json!({"blocker_type": "secret-word"});
    let answer = world.create_with(wrong).await;
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret-word"));
}

#[tokio::test]
async fn without_a_known_key_nothing_is_told() {
    let world = World::new().await;
    let session = world.session().await;
    let id = &session.id;
    for (method, path) in [
        ("POST", "/session".to_owned()),
        ("GET", format!("/session/{id}")),
        ("GET", "/session/sess_unknown".to_owned()),
        ("DELETE", format!("/session/{id}")),
        ("POST", format!("/session/{id}/resolve")),
        ("POST", "/audit".to_owned()),
    ] {
        for headers in [
            &[][..],
            &[("Authorization", "Bearer al_live_wrong")],
            &[("Authorization", "Basic al_live_one")],
        ] {
            let answer = world.ask_plainly(method, &path, headers, b"{}").await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.error(), "unauthorized");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(world.status(&session).await, "PENDING");
}

#[tokio::test]
async fn another_keys_session_is_forbidden() {
    let world = World::new().await;
    let session = world.session().await;
    let path = format!("/session/{}", session.id);
    let resolve = format!("{path}/resolve");
    for (method, path) in [("GET", &path), ("DELETE", &path), ("POST", &resolve)] {
        let answer = world.ask_as(OTHER_KEY, method, path, &[], b"").await;
        assert_eq!(answer.status, 403, "{method}");
        assert_eq!(answer.error(), "forbidden");
    }
}

#[tokio::test]
async fn unknown_sessions_paths_and_methods_are_json_errors_too() {
    let world = World::new().await;
    for (method, path, status) in [
        ("GET", "/session/sess_unknown", 404),
        ("GET", "/session/%ff", 404),
        ("DELETE", "/session/sess_unknown", 404),
        ("POST", "/session/sess_unknown/resolve", 404),
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/session", 405),
        ("PUT", "/session/sess_unknown", 405),
        ("POST", "/healthz", 405),
    ] {
        let answer = world.ask(method, path, b"").await;
        assert_eq!(answer.status, status, "{method} {path}");
        let code = if status == 404 {
            "not_found"
        } else {
            "method_not_allowed"
        };
        assert_eq!(answer.error(), code, "{method} {path}");
    }
}

#[tokio::test]
async fn the_python_sdk_gets_errors_as_objects() {
    let world = World::new().await;
    let python = [("User-Agent", "python-httpx/0.28.1")];
    let answer = world
        .ask_as("wrong", "POST", "/session", &python, b"{}")
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"]["code"], "unauthorized");
    assert!(answer.json()["error"]["message"].is_string());
    let other = [("User-Agent", "curl/8 python-httpx/0.28.1")];
    let answer = world.ask_as("wrong", "GET", "/nothing", &other, b"").await;
    assert_eq!(answer.error(), "not_found");
}

#[tokio::test]
async fn too_many_sessions_wait() {
    let mut config = config();
    config.limits.creations_per_minute = 2;
    let world = World::with(config).await;
    world.session().await;
    world.session().await;
    let answer = world.create_with(body()).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.error(), "rate_limited");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
    let text = body().to_string();
    let other = world
        .ask_as(OTHER_KEY, "POST", "/session", &[], text.as_bytes())
        .await;
    assert_eq!(other.status, 201, "another key has its own quota");
}

#[tokio::test]
async fn too_many_running_sessions_wait_for_one_to_end() {
    let mut config = config();
    config.limits.live_sessions_per_key = 1;
    let world = World::with(config).await;
    let session = world.session().await;
    let answer = world.create_with(body()).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    world.resolve(&session).await;
    assert_eq!(world.create_with(body()).await.status, 201);
}

#[tokio::test]
async fn an_audit_event_is_taken() {
    let world = World::new().await;
    let event = json!({
        "schema_version": 1, "session_id": "sess_x", "wall_type": "totp",
        "service_host": "github.com", "decision": "human_handoff", "outcome": "resolved",
        "duration_ms": 5, "sdk_version": "0.1.0", "runtime": "python"
    });
    let answer = world
        .ask("POST", "/audit", event.to_string().as_bytes())
        .await;
    assert_eq!(answer.status, 202);
    assert_eq!(world.ask("POST", "/audit", b"no").await.status, 400);
}

#[tokio::test]
async fn the_card_opens_with_the_links_token_and_changes_nothing() {
    let world = World::new().await;
    let session = world.session().await;
    let path = format!("/s/{}/card", session.id);
    for token in [&session.viewer_token, &session.stream_token] {
        let card = world.ask_as(token, "GET", &path, &[], b"").await;
        assert_eq!(card.status, 200);
        let card = card.json();
        assert_eq!(card["service"], "GitHub");
        assert_eq!(card["status"], "PENDING");
        assert!(card["expires_at"].is_string());
    }
    assert_eq!(world.status(&session).await, "PENDING");
    assert_eq!(world.ask("GET", &path, b"").await.status, 401);
    let none = world.ask_plainly("GET", &path, &[], b"").await;
    assert_eq!(none.status, 401);
    let unknown = world.ask("GET", "/s/sess_unknown/card", b"").await;
    assert_eq!(unknown.status, 404);
    world.cancel(&session).await;
    let card = world
        .ask_as(&session.viewer_token, "GET", &path, &[], b"")
        .await;
    assert_eq!(card.json()["status"], "CANCELLED");
}

#[tokio::test]
async fn what_is_described_is_routed_and_answers_as_described() {
    let world = World::new().await;
    let described = world.ask_plainly("GET", "/openapi.json", &[], b"").await;
    assert_eq!(described.status, 200);
    let described = described.json();
    let paths = described["paths"].as_object().expect("paths");
    for (path, operations) in paths {
        let session = world.session().await;
        let path = path.replace("{id}", &session.id);
        for method in ["get", "post", "put", "delete", "patch"] {
            let answer = world
                .ask_plainly(&method.to_uppercase(), &path, &[], b"{}")
                .await;
            assert_ne!(answer.status, 404, "{method} {path}");
            let is_described = operations.get(method).is_some();
            assert_eq!(answer.status != 405, is_described, "{method} {path}");
            if is_described && !path.starts_with("/stream/") {
                let listed = &operations[method]["responses"][answer.status.to_string()];
                assert!(listed.is_object(), "{method} {path}: {}", answer.status);
            }
        }
    }
    assert_eq!(paths.len(), 9);
}

#[tokio::test]
async fn health_needs_no_key() {
    let world = World::new().await;
    let answer = world.ask_plainly("GET", "/healthz", &[], b"").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok\n"[..]));
}

#[tokio::test]
async fn foreign_hosts_get_nothing_when_hosts_are_checked() {
    let mut config = config();
    config.check_host = true;
    config.public_url = Some("https://relay.example".into());
    let world = World::with(config).await;
    for (host, status) in [
        ("127.0.0.1:8420", 200),
        ("localhost", 200),
        ("relay.example", 200),
        ("evil.example", 421),
        ("", 421),
    ] {
        let answer = world
            .ask_plainly("GET", "/healthz", &[("Host", host)], b"")
            .await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn an_agent_beside_the_relay_streams_locally_behind_a_tunnel() {
    let mut config = config();
    config.public_url = Some("https://relay.example".into());
    config.stream_base = StreamBase::Local;
    let world = World::with(config).await;
    let created = world.create_with(body()).await.json();
    let url = created["session_url"].as_str().expect("a URL");
    assert!(url.starts_with("https://relay.example/s/sess_"));
    let stream = created["stream_url"].as_str().expect("a URL");
    let local = world.relay.local_addr();
    assert!(stream.starts_with(&format!("ws://{local}/stream/sess_")));
    assert!(!world.relay.is_loopback_only());
}

#[tokio::test]
async fn a_relay_without_a_key_does_not_start() {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let started = start(RelayConfig::new(listen, ApiKeys::default())).await;
    assert!(matches!(started, Err(StartError::NoApiKey)));
}
