//! Where a request came from on the network.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, request::Parts};

/// The other end of a connection. The server puts it in the extensions of each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address for which attempts to sign in are counted: the other end of the connection, or, if that is a proxy on
/// this machine, the client address that the proxy reports.
pub(crate) fn address_of(parts: &Parts) -> String {
    let Some(Peer(peer)) = parts.extensions.get::<Peer>() else { return "unknown".to_owned() };
    let told = peer.ip().is_loopback().then(|| forwarded(&parts.headers)).flatten();
    told.unwrap_or_else(|| peer.ip()).to_string()
}

/// The last address of `X-Forwarded-For`: the one that the local proxy added. The client can set those before it.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn address(peer: Option<&str>, forwarded: Option<&str>) -> String {
        let mut request = Request::builder();
        if let Some(line) = forwarded {
            request = request.header("x-forwarded-for", line);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.extend(
            peer.map(|peer| {
                let mut one = axum::http::Extensions::new();
                one.insert(Peer(peer.parse().unwrap()));
                one
            })
            .unwrap_or_default(),
        );
        address_of(&parts)
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_trusted_for_the_client_address() {
        assert_eq!(address(Some("192.0.2.1:5"), Some("198.51.100.7")), "192.0.2.1");
        assert_eq!(address(Some("127.0.0.1:5"), Some("203.0.113.9, 198.51.100.7")), "198.51.100.7");
        assert_eq!(address(Some("127.0.0.1:5"), Some("nonsense")), "127.0.0.1");
        assert_eq!(address(Some("127.0.0.1:5"), None), "127.0.0.1");
        assert_eq!(address(None, None), "unknown");
    }
}
