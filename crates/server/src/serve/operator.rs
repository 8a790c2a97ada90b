//! The operator's orders to a live server. They are received on a separate address, on loopback whatever the API
//! listens on, and require a token that only users with read access to the data folder have.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Response, header};
use axum::routing::post;
use docket_access::digest;
use docket_kernel::{Rng, Seed};
use serde_json::{Value, json};

use super::http_listener::{HttpListener, plain};
use super::listen;
use super::server_info::{ServerInfo, ServerInfoFile};
use crate::failure::Failure;
use crate::node::Node;
use crate::order::OperatorCommand;

const PATH: &str = "/operator/commands";
/// The maximum size of a command, in bytes: large enough for a whole setup bundle.
const BYTES_MAX: usize = 16 << 20;

struct Operator {
    node: Arc<Node>,
    token_digest: String,
}

/// Starts receiving orders, and announces the address.
pub async fn open(node: &Arc<Node>, folder: &Path, api: SocketAddr) -> Result<(HttpListener, ServerInfoFile), Failure> {
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let token = token(node.rng.as_ref());
    let operator = Arc::new(Operator { node: Arc::clone(node), token_digest: digest(&token) });
    let http_listener = HttpListener::open(
        listener,
        Router::new().route(PATH, post(execute)).layer(DefaultBodyLimit::max(BYTES_MAX)).with_state(operator),
    );
    let there = ServerInfo {
        url: format!("http://{api}"),
        operator_url: format!("http://{address}"),
        token,
        process: std::process::id(),
    };
    Ok((http_listener, ServerInfoFile::announce(folder, &there)?))
}

fn token(rng: &dyn Rng) -> String {
    let Seed(bytes) = rng.seed();
    docket_kernel::hex(&bytes)
}

async fn execute(State(operator): State<Arc<Operator>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|shown| shown.strip_prefix("Bearer ")).unwrap_or_default();
    // Digests are compared, so the time it takes reveals nothing about the token.
    if digest(token) != operator.token_digest {
        return plain(401, "this requires the token in the data folder's server.json\n");
    }
    let answer = match serde_json::from_slice::<OperatorCommand>(&body) {
        Ok(order) => order.execute(&operator.node).await,
        Err(error) => Err(Failure::new(format_args!(
            "the server does not know this command ({error}); it may be of another version than this docket"
        ))),
    };
    match answer {
        Ok(value) => plain(200, json!({"done": value}).to_string()),
        Err(failure) => plain(422, json!({"refused": failure.to_string()}).to_string()),
    }
}

/// Sends an order to the server that holds a data folder.
pub async fn send(folder: &Path, order: &OperatorCommand) -> Result<Value, Failure> {
    let there = ServerInfoFile::read(folder).map_err(|_| {
        let folder = folder.display();
        Failure::new(format_args!(
            "another docket holds the data folder {folder} and accepts no commands: it is starting or stopping, or is \
             a command itself; try again in a moment"
        ))
    })?;
    let unreachable = |error: reqwest::Error| {
        Failure::new(format_args!("the server at {} does not accept the command: {error}", there.url))
    };
    let client = reqwest::Client::builder().no_proxy().build().map_err(unreachable)?;
    let url = format!("{}{PATH}", there.operator_url);
    let response = client.post(url).bearer_auth(&there.token).json(order).send().await.map_err(unreachable)?;
    let answer: Value = response.json().await.map_err(unreachable)?;
    match (answer.get("done"), answer.get("refused").and_then(Value::as_str)) {
        (Some(done), _) => Ok(done.clone()),
        (None, Some(words)) => Err(Failure::new(words)),
        (None, None) => Err(Failure::new(format_args!("the server at {} sent an unexpected response", there.url))),
    }
}
