//! What somebody presents at the stream: in version 1 in the query, as agents do in version 2 too; a
//! viewer of version 2 as WebSocket subprotocols, since URLs end up in proxies' logs.

use std::net::{IpAddr, Ipv4Addr};

use authloop_core::relay::Applicant;
use axum::{
    extract::Request,
    http::{HeaderMap, header},
};

use crate::server::Connection;

/// The subprotocol of version 2. Whoever asks for it is answered with it, when refused too: else a
/// browser would see no close code.
pub(super) const SEALED: &str = "authloop.v2";

/// What somebody presents. No `Debug`: it holds a token.
pub(super) enum Presented {
    Agent { token: String },
    Viewer { token: String },
    SealedViewer { token: String, address: IpAddr },
    Nothing,
}

impl Presented {
    pub(super) fn read(request: &Request) -> Self {
        if let Some(token) = sealed_token(request.headers()) {
            let connection = request.extensions().get::<Connection>();
            let unknown = IpAddr::from(Ipv4Addr::UNSPECIFIED);
            let address = connection.map_or(unknown, |connection| connection.peer);
            return Self::SealedViewer { token, address };
        }
        Self::from_query(request.uri().query().unwrap_or_default())
    }

    fn from_query(query: &str) -> Self {
        let (mut role, mut presented) = (String::new(), String::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "role" => role = value.into_owned(),
                "token" => presented = value.into_owned(),
                _ => {}
            }
        }
        let token = presented;
        match role.as_str() {
            "agent" => Self::Agent { token },
            "viewer" => Self::Viewer { token },
            _ => Self::Nothing,
        }
    }

    /// Returns what a session's room judges; `None` for somebody who says to be nobody.
    pub(super) fn applicant(&self) -> Option<Applicant<'_>> {
        match self {
            Self::Agent { token } => Some(Applicant::Agent { token }),
            Self::Viewer { token } => Some(Applicant::Viewer { token }),
            Self::SealedViewer { token, address } => Some(Applicant::SealedViewer {
                token,
                address: *address,
            }),
            Self::Nothing => None,
        }
    }

    /// Returns the subprotocol that the answer names.
    pub(super) fn subprotocol(&self) -> Option<&'static str> {
        match self {
            Self::SealedViewer { .. } => Some(SEALED),
            Self::Agent { .. } | Self::Viewer { .. } | Self::Nothing => None,
        }
    }
}

/// Returns the token beside version 2's subprotocol, in whichever order; `None` where that isn't
/// asked for. Anything but one more entry is no token, and admits nobody.
fn sealed_token(headers: &HeaderMap) -> Option<String> {
    let mut is_sealed = false;
    let mut others = Vec::new();
    let offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    for one in offered {
        if one == SEALED {
            is_sealed = true;
        } else {
            others.push(one);
        }
    }
    is_sealed.then(|| match others.as_slice() {
        [token] => (*token).to_owned(),
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::HeaderValue};

    use super::*;

    fn presented(query: &str, subprotocols: &[&'static str]) -> (&'static str, String) {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = format!("/stream/x?{query}").parse().expect("a URI");
        for value in subprotocols {
            request.headers_mut().append(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(value),
            );
        }
        match Presented::read(&request) {
            Presented::Agent { token } => ("agent", token),
            Presented::Viewer { token } => ("viewer", token),
            Presented::SealedViewer { token, .. } => ("sealed", token),
            Presented::Nothing => ("nothing", String::new()),
        }
    }

    #[test]
    fn tokens_are_percent_decoded_and_roles_are_known_ones() {
        let viewer = presented("token=a%2Bb%20c&role=viewer&x=1", &[]);
        assert_eq!(viewer, ("viewer", "a+b c".into()));
        assert_eq!(presented("role=agent", &[]), ("agent", String::new()));
        assert_eq!(presented("role=admin&token=x", &[]).0, "nothing");
        assert_eq!(presented("", &[]).0, "nothing");
    }

    #[test]
    fn the_subprotocols_come_in_any_order_and_in_any_number_of_lines() {
        for values in [
            &["authloop.v2, abc"][..],
            &["abc,authloop.v2"],
            &["abc", "authloop.v2"],
        ] {
            assert_eq!(presented("", values), ("sealed", "abc".into()));
        }
    }

    #[test]
    fn who_asks_for_version_2_is_a_viewer_of_it_whatever_the_query_says() {
        let values = &["authloop.v2, abc"];
        let read = presented("role=agent&token=stream", values);
        assert_eq!(read, ("sealed", "abc".into()));
    }

    #[test]
    fn none_or_several_tokens_are_no_token() {
        for values in [
            &["authloop.v2"][..],
            &["authloop.v2, a, b"],
            &["authloop.v2, authloop.v2"],
            &["authloop.v2,"],
        ] {
            assert_eq!(presented("", values), ("sealed", String::new()));
        }
        for values in [&["authloop.v1, abc"][..], &["AUTHLOOP.V2, abc"]] {
            assert_eq!(presented("", values).0, "nothing");
        }
    }
}
