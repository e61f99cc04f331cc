//! A second, independent CDP client: what a test does to a page behind the agent's back.

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::wait::soon;

/// A connection to one page.
pub struct Cdp {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

impl Cdp {
    /// Connects to a page's WebSocket address.
    pub async fn connect(url: &str) -> Self {
        let (socket, _) = soon("a CDP connection", connect_async(url))
            .await
            .expect("the browser accepts");
        Self { socket, last_id: 0 }
    }

    /// Sends a command without waiting for its answer.
    pub async fn send(&mut self, method: &str, parameters: Value) {
        self.last_id += 1;
        let command = json!({"id": self.last_id, "method": method, "params": parameters});
        self.socket
            .send(Message::text(command.to_string()))
            .await
            .expect("the browser reads");
    }

    /// Sends a command and returns the result in its answer; null if it is an error.
    pub async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.send(method, parameters).await;
        let wanted = json!(self.last_id);
        let answer = async {
            loop {
                let message = self.next().await;
                if message["id"] == wanted {
                    return message["result"].clone();
                }
            }
        };
        soon(method, answer).await
    }

    /// Waits for the next event of this name, and returns what it says.
    pub async fn event(&mut self, name: &str) -> Value {
        let event = async {
            loop {
                let mut message = self.next().await;
                if message["method"] == name {
                    return message["params"].take();
                }
            }
        };
        soon(name, event).await
    }

    async fn next(&mut self) -> Value {
        let message = self.socket.next().await;
        let message = message
            .expect("the browser stays")
            .expect("the browser stays");
        serde_json::from_slice(&message.into_data()).unwrap_or_default()
    }

    /// Evaluates an expression in the page and returns its value.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true});
        let result = self.call("Runtime.evaluate", parameters).await;
        result["result"]["value"].clone()
    }
}
