//! `GET /device?token=…`: one browser's socket.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use switchboard_twilio::{AccessToken, TokenError};

use super::{App, MAX_BODY_BYTES, Shared};
use crate::host::ToSocket;
use crate::sim::{Input, SocketId};
use crate::wire::{self, FromPage, ToPage};

/// What the URL says.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
}

pub(super) async fn connect(
    State(app): Shared,
    Query(asked): Query<Asked>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .max_message_size(MAX_BODY_BYTES)
        .max_frame_size(MAX_BODY_BYTES)
        .on_upgrade(move |socket| serve(app, asked.token, socket))
}

async fn serve(app: App, token: String, mut socket: WebSocket) {
    let (identity, lasts) = match app.believe(&token) {
        Ok(believed) => believed,
        Err(error) => {
            // Whoever is refused may be gone already.
            let _ = socket.send(text(&refusal(error))).await;
            let frame = CloseFrame {
                code: close_code::POLICY,
                reason: "bad token".into(),
            };
            let _ = socket.send(Message::Close(Some(frame))).await;
            return;
        }
    };
    let (id, mut outbox) = app.host.open(identity.clone(), lasts);
    let is_clean = loop {
        tokio::select! {
            message = outbox.recv() => match message {
                Some(ToSocket::Frame(frame)) => {
                    if socket.send(text(&frame)).await.is_err() {
                        break false;
                    }
                }
                Some(ToSocket::Break) | None => break false,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(frame))) => {
                    if let Some(answer) = hear(&app, id, &identity, &frame)
                        && socket.send(text(&answer)).await.is_err()
                    {
                        break false;
                    }
                }
                Some(Ok(Message::Close(frame))) => break frame.is_some_and(|frame| is_good_bye(frame.code)),
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                Some(Err(_)) | None => break false,
            },
        }
    };
    app.host.close(id, is_clean);
}

/// A page that closes its socket, or that is reloaded or left.
fn is_good_bye(code: u16) -> bool {
    [close_code::NORMAL, close_code::AWAY].contains(&code)
}

/// Takes one frame; returns what is to be said about the frame itself.
fn hear(app: &App, id: SocketId, identity: &str, frame: &str) -> Option<ToPage> {
    match serde_json::from_str(frame) {
        Ok(FromPage::Token { token }) => match app.believe(&token) {
            Ok((same, lasts)) if same == identity => {
                app.host.renew(id, lasts);
                None
            }
            Ok(_) => Some(refusal(TokenError::Signature)),
            Err(error) => Some(refusal(error)),
        },
        Ok(frame) => {
            app.host.input(Input::Frame(id, frame));
            None
        }
        Err(error) => Some(ToPage::Error {
            code: wire::BAD_FRAME,
            message: format!("this frame is not understood: {error}"),
        }),
    }
}

impl App {
    /// Whose token it is, and for how long it is good.
    fn believe(&self, token: &str) -> Result<(String, Duration), TokenError> {
        let now_s = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let token = AccessToken::verify(token, &self.credentials.key, now_s)?;
        if token.account_sid != self.host.account_sid() {
            return Err(TokenError::Signature);
        }
        let lasts = Duration::from_secs(token.expires_at_s().saturating_sub(now_s));
        Ok((token.identity.to_string(), lasts))
    }
}

fn refusal(error: TokenError) -> ToPage {
    let code = match error {
        TokenError::Expired => wire::EXPIRED_TOKEN,
        TokenError::Malformed
        | TokenError::Signature
        | TokenError::NotYet
        | TokenError::Identity(_) => wire::BAD_TOKEN,
    };
    ToPage::Error {
        code,
        message: error.to_string(),
    }
}

fn text(frame: &ToPage) -> Message {
    let json = serde_json::to_string(frame).unwrap_or_else(|_| unreachable!("frames are JSON"));
    Message::Text(json.into())
}
