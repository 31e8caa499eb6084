//! Attacks on the channel of the boards: who may listen, and that nobody speaks but the database.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::people::{DOUG, Scene, Who};
use switchboard_local_supabase::keys::LOCAL_ANON_KEY;

/// Far longer than any answer takes.
const LIMIT: Duration = Duration::from_secs(60);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn send(socket: &mut Socket, event: &str, payload: Value) {
    let frame = json!({"topic": "realtime:board", "event": event, "payload": payload, "ref": "1", "join_ref": "1"});
    let text = Message::text(frame.to_string());
    socket.send(text).await.unwrap();
}

/// The next frame that `wanted` finds something in. One that never comes is a failure and no endless wait.
async fn wait_for<T>(socket: &mut Socket, wanted: impl Fn(&Value) -> Option<T>) -> T {
    let reading = async {
        loop {
            let frame = socket.next().await.unwrap().unwrap();
            let Ok(text) = frame.to_text() else { continue };
            let Ok(frame) = serde_json::from_str(text) else {
                continue;
            };
            if let Some(found) = wanted(&frame) {
                return found;
            }
        }
    };
    tokio::time::timeout(LIMIT, reading).await.unwrap()
}

/// Joins the channel `board`; the status of the reply.
async fn join(scene: &Scene, who: Who, private: bool) -> (Socket, String) {
    let base = scene.stack.url().replace("http://", "ws://");
    let url = format!("{base}/realtime/v1/websocket?apikey={LOCAL_ANON_KEY}&vsn=1.0.0");
    let (mut socket, _) = connect_async(url).await.unwrap();
    let config = json!({"broadcast": {"ack": true, "self": false}, "private": private});
    let payload = json!({"config": config, "access_token": scene.token(who)});
    send(&mut socket, "phx_join", payload).await;
    let status = wait_for(&mut socket, |frame| {
        let is_reply = frame["event"] == "phx_reply";
        is_reply.then(|| {
            frame["payload"]["status"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
    })
    .await;
    (socket, status)
}

fn forged() -> Value {
    json!({"table": "calls", "type": "INSERT", "version": 999_999, "record": {"id": DOUG, "caller_name": "forged"}})
}

#[tokio::test]
async fn nobody_speaks_on_the_board_but_the_database() {
    let scene = Scene::start().await;
    let (mut listener, status) = join(&scene, Who::Colleague, true).await;
    assert_eq!(status, "ok");
    // By the socket: members of the private channel, and anybody on a public one of that name.
    for (who, private) in [
        (Who::Agent, true),
        (Who::Supervisor, true),
        (Who::Stranger, false),
        (Who::Anon, false),
    ] {
        let (mut speaker, status) = join(&scene, who, private).await;
        assert_eq!(status, "ok", "{who:?}");
        let payload = json!({"type": "broadcast", "event": "change", "payload": forged()});
        send(&mut speaker, "broadcast", payload).await;
        // A heartbeat is answered after what was sent before it.
        let beat = json!({"topic": "phoenix", "event": "heartbeat", "payload": {}, "ref": "2"});
        speaker.send(Message::text(beat.to_string())).await.unwrap();
        wait_for(&mut speaker, |frame| {
            (frame["topic"] == "phoenix").then_some(())
        })
        .await;
    }
    // By HTTP.
    let http = reqwest::Client::new();
    for who in [Who::Anon, Who::Stranger, Who::Agent, Who::Supervisor] {
        for private in [true, false] {
            let url = format!("{}/realtime/v1/api/broadcast", scene.stack.url());
            let message = json!({"topic": "board", "event": "change", "payload": forged(), "private": private});
            let request = http
                .post(url)
                .header("apikey", LOCAL_ANON_KEY)
                .bearer_auth(scene.token(who));
            let body = json!({ "messages": [message] });
            request.json(&body).send().await.unwrap();
        }
    }
    // By the table behind the channel.
    let row = json!({"topic": "board", "extension": "broadcast", "event": "change", "payload": forged(), "private": true});
    for who in [Who::Agent, Who::Supervisor] {
        let answer = scene.post(who, "messages", row.clone()).await;
        assert_eq!(answer.status, 404);
    }
    // Whatever was said before would come before this.
    scene.call("CA1", &[]).await;
    let heard = wait_for(&mut listener, |frame| {
        (frame["event"] == "broadcast").then(|| frame["payload"]["payload"].clone())
    })
    .await;
    assert_eq!(heard["record"]["twilio_call_sid"], "CA1", "{heard}");
    scene.stop().await;
}

#[tokio::test]
async fn nobody_listens_to_the_board_who_is_not_on_the_team() {
    let scene = Scene::start().await;
    for who in [Who::Anon, Who::Stranger] {
        let (_, status) = join(&scene, who, true).await;
        assert_eq!(status, "error", "{who:?}");
    }
    // A public channel of the same name is another channel.
    let (mut outside, status) = join(&scene, Who::Stranger, false).await;
    assert_eq!(status, "ok");
    let (mut inside, status) = join(&scene, Who::Agent, true).await;
    assert_eq!(status, "ok");
    scene.call("CA1", &[]).await;
    wait_for(&mut inside, |frame| {
        (frame["event"] == "broadcast").then_some(())
    })
    .await;
    let (mut speaker, _) = join(&scene, Who::Stranger, false).await;
    let payload = json!({"type": "broadcast", "event": "said outside", "payload": {}});
    send(&mut speaker, "broadcast", payload).await;
    let heard = wait_for(&mut outside, |frame| {
        (frame["event"] == "broadcast").then(|| frame["payload"]["event"].clone())
    })
    .await;
    assert_eq!(
        heard, "said outside",
        "the database's change was not heard outside"
    );
    scene.stop().await;
}
