//! Moves the bytes: HTTP as it comes, WebSockets message by message.

use std::{io, sync::Arc};

use futures::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::Role},
};

use super::{Ear, Saying, Shared, Side};
use crate::http::read_head;

pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with the listening task, so that every connection ends with it.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(serve(client, Arc::clone(&shared)));
    }
}

/// Serves one connection. How it ends is its own affair.
async fn serve(mut client: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let head = String::from_utf8_lossy(&read_head(&mut client).await?).into_owned();
    let line = head.lines().next().unwrap_or_default();
    let side = side_of(line);
    let (lie, upstream, is_kept_out) = {
        let known = shared.known();
        let mut lies = known.lies.iter();
        let lie = lies.find(|(part, _)| line.contains(part.as_str()));
        let is_kept_out = side
            .as_ref()
            .is_some_and(|one| known.kept_out.contains(one));
        (
            lie.map(|(_, json)| json.clone()),
            known.upstream,
            is_kept_out,
        )
    };
    if is_kept_out {
        return Ok(());
    }
    if let Some(json) = lie {
        let length = json.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{json}"
        );
        return client.write_all(answer.as_bytes()).await;
    }
    let mut server = TcpStream::connect(upstream).await?;
    let Some(side) = side else {
        // One request for each connection, so that each is looked at.
        let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        server.write_all(head.as_bytes()).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    };
    server.write_all(head.as_bytes()).await?;
    let mut answer = read_head(&mut server).await?;
    if shared.known().forgets_the_protocol {
        let text = String::from_utf8_lossy(&answer);
        let lines = text.split_inclusive("\r\n");
        let is_other = |line: &&str| !line.starts_with("sec-websocket-protocol:");
        answer = lines.filter(is_other).collect::<String>().into_bytes();
    }
    client.write_all(&answer).await?;
    if answer.starts_with(b"HTTP/1.1 101 ") {
        // Both ends agreed on it with each other; only the messages are of interest here.
        let client = WebSocketStream::from_raw_socket(client, Role::Server, None).await;
        let server = WebSocketStream::from_raw_socket(server, Role::Client, None).await;
        let _ended = pass(client, server, side, &shared).await;
    } else {
        let mut rest = Vec::new();
        server.read_to_end(&mut rest).await?;
        client.write_all(&rest).await?;
    }
    Ok(())
}

/// `GET /stream/{id}?…&role=agent`, or a viewer's.
fn side_of(line: &str) -> Option<Side> {
    let (_, path) = line.split_once(" /stream/")?;
    let id: String = path
        .chars()
        .take_while(|character| !matches!(character, '?' | ' '))
        .collect();
    let is_agent = path.contains("role=agent");
    Some((id, if is_agent { Ear::Agent } else { Ear::Viewer }))
}

/// Everything for the client takes one way, so that nothing overtakes what was held back.
async fn pass(
    mut client: WebSocketStream<TcpStream>,
    mut server: WebSocketStream<TcpStream>,
    side: Side,
    shared: &Shared,
) -> Result<(), Error> {
    let (tell, mut sayings) = mpsc::unbounded_channel();
    shared.known().sockets.push((side.clone(), tell.clone()));
    loop {
        tokio::select! {
            message = server.next() => {
                let Some(message) = message else { break };
                say_instead(shared, &side, message?, &tell);
            }
            message = client.next() => {
                let Some(message) = message else { return Ok(()) };
                server.send(message?).await?;
            }
            saying = sayings.recv() => match saying {
                Some(Saying::This(message)) => client.send(message).await?,
                Some(Saying::Cut) | None => return Ok(()),
            },
        }
    }
    // The last that it said may still be on its way.
    while let Ok(Saying::This(message)) = sayings.try_recv() {
        client.send(message).await?;
    }
    Ok(())
}

fn say_instead(
    shared: &Shared,
    side: &Side,
    message: Message,
    tell: &mpsc::UnboundedSender<Saying>,
) {
    let is_content = message.is_text() || message.is_binary();
    let mut known = shared.known();
    if is_content {
        known.heard.push((side.clone(), message.clone()));
    }
    let instead = match known.tricks.get_mut(side) {
        Some(trick) if is_content => trick(message),
        Some(_) | None => vec![message],
    };
    if let (true, Some(held)) = (is_content, known.held.get_mut(side)) {
        held.extend(instead);
        return;
    }
    for message in instead {
        // The socket's own loop is the receiver.
        let _said = tell.send(Saying::This(message));
    }
}
