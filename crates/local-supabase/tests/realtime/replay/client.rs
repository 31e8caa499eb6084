//! What the recorded client did: handshakes and pushes.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{
    player::{Player, address},
    recording::text,
    socket::{Got, open},
};

impl Player<'_> {
    pub(super) async fn finish_opening(&mut self, label: &str) -> Result<(), String> {
        let handshake = self.handshakes.remove(label);
        // Where a recording begins with the open socket, its scenario or its label says which version.
        let is_v2 = label.contains("v2") || self.recording.name.ends_with("v2");
        let handshake = handshake.unwrap_or_else(|| {
            let version = if is_v2 { "2.0.0" } else { "1.0.0" };
            open(address(&self.server, self.world, version))
        });
        let opened = handshake.await.expect("a handshake");
        let socket = opened.map_err(|(status, _, body)| format!("refused with {status} {body}"))?;
        self.sockets.insert(label.to_owned(), socket);
        Ok(())
    }

    pub(super) async fn refused(&mut self, event: &Value) -> Result<(), String> {
        let handshake = self
            .handshakes
            .remove(text(event, "conn"))
            .expect("a handshake");
        let Err((status, headers, body)) = handshake.await.expect("a handshake") else {
            return Err("let in".to_owned());
        };
        if json!(status) != event["status"] || body != text(event, "body") {
            return Err(format!("refused with {status} {body}"));
        }
        for (name, value) in event["headers"].as_object().into_iter().flatten() {
            // How a body's end is told, and the letters of a charset that JSON has no other of, are HTTP's affair.
            let value = value
                .as_str()
                .unwrap_or_default()
                .replace("; charset=utf-8", "");
            if !headers.contains(&(name.clone(), value)) {
                return Err(format!("no {name} as recorded in {headers:?}"));
            }
        }
        Ok(())
    }

    pub(super) async fn push(&mut self, event: &Value) -> Result<(), String> {
        if self.recording.name == "04e-channels-per-client"
            && text(event, "raw").contains("realtime:c97")
        {
            self.join_unrecorded(text(event, "conn")).await?;
        }
        let raw = self.filled(text(event, "raw"));
        let bytes = || Bytes::from(from_hex(text(event, "hex")));
        let code = event["code"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok());
        let op = text(event, "op").to_owned();
        let socket = self.socket(text(event, "conn"))?;
        match op.as_str() {
            "text" => socket.send(Message::text(raw)),
            "binary" => socket.send(Message::Binary(bytes())),
            "ping" => socket.send(Message::Ping(bytes())),
            "pong" => socket.send(Message::Pong(bytes())),
            "close" => socket.close(code),
            other => return Err(format!("what is a {other}?")),
        }
        Ok(())
    }

    /// The frames of joins c2 to c96 are left out of that recording.
    pub(super) async fn join_unrecorded(&mut self, label: &str) -> Result<(), String> {
        let token = self.world.token("member12");
        for n in 2..=96 {
            let join = json!({"topic": format!("realtime:c{n}"), "event": "phx_join", "ref": n.to_string(),
                "join_ref": n.to_string(), "payload": {"config": {"postgres_changes": []}, "access_token": token}});
            let socket = self.socket(label)?;
            socket.send(Message::text(join.to_string()));
            match socket.next().await {
                Some(Got::Text(text)) if text.contains(r#""status":"ok""#) => {}
                other => return Err(format!("join {n}: {other:?}")),
            }
        }
        Ok(())
    }

    /// Sockets that the recording shows only when they close: each had joined 95 channels at once.
    pub(super) async fn open_and_join(&mut self, label: &str) -> Result<(), String> {
        self.finish_opening(label).await?;
        for n in 0..95 {
            let join = json!({"topic": format!("realtime:{label}{n}"), "event": "phx_join", "ref": n.to_string(),
                "payload": {"config": {"postgres_changes": []}, "access_token": self.world.token("fresh")}});
            self.socket(label)?.send(Message::text(join.to_string()));
        }
        for n in 0..95 {
            match self.socket(label)?.next().await {
                Some(Got::Text(text)) if text.contains(r#""status":"ok""#) => {}
                other => return Err(format!("join {n}: {other:?}")),
            }
        }
        Ok(())
    }
}

/// The bytes that hexadecimal digits name.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|digit| char::from(digit).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}
