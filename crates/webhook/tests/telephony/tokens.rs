//! Who gets a token, and for whom.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use switchboard_local_supabase::keys::{LOCAL_ANON_KEY, LOCAL_SERVICE_ROLE_KEY};
use uuid::Uuid;

use crate::agent::voice_token;
use crate::office::{DOUG, KEY_SECRET, KEY_SID, Office, PATIENCE, SUE};

/// Asks Twilio's own package, where the tests of `switchboard-twilio` have installed it or would.
fn official(question: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../twilio/tests/oracle");
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join("twilio-oracle.lock");
    let lock = std::fs::File::create(lock).unwrap();
    lock.lock().unwrap();
    // npm writes this file last.
    if !folder.join("node_modules/.package-lock.json").exists() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder);
        assert!(npm.output().unwrap().status.success(), "npm ci");
    }
    let mut node = Command::new("node")
        .arg("oracle.mjs")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asked = node.stdin.take().unwrap();
    asked.write_all(question.to_string().as_bytes()).unwrap();
    drop(asked);
    serde_json::from_slice(&node.wait_with_output().unwrap().stdout).unwrap()
}

fn seconds_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_get_tokens_for_themselves_and_nobody_else_gets_any() {
    let office = Office::open().await;
    let of = |user: u128, role: &str| office.stack.token_of(Uuid::from_u128(user), role);
    let mut forged = of(DOUG.1, "authenticated");
    forged.pop();
    let stranger = of(0x5151, "authenticated");
    for (session, status) in [
        (LOCAL_ANON_KEY, 401),
        (LOCAL_SERVICE_ROLE_KEY, 401),
        ("", 401),
        ("a.b.c", 401),
        (&forged, 401),
        (&stranger, 403),
    ] {
        let answer = voice_token(&office, session).await;
        assert_eq!(answer.status(), status, "{session}");
        assert!(!answer.text().await.unwrap().contains("token\":"));
    }
    let answer = voice_token(&office, &of(SUE.1, "authenticated")).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        (&answer["identity"], &answer["expires_in"]),
        (&"supervisor_sue".into(), &3600.into())
    );

    let read = official(&json!({
        "ask": "readToken", "token": answer["token"], "secret": KEY_SECRET, "now": seconds_now(),
    }));
    let claims = &read["payload"];
    assert_eq!(
        (
            &read["header"]["cty"],
            &claims["iss"],
            &claims["grants"]["identity"]
        ),
        (
            &"twilio-fpa;v=1".into(),
            &KEY_SID.into(),
            &"supervisor_sue".into()
        ),
        "{read}"
    );
    assert_eq!(
        claims["grants"]["voice"]["outgoing"]["application_sid"],
        "AP1"
    );
    let lives = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert!(lives <= 3600, "{read}");

    let retired = "update voip_users set role = 'supervisor' where identity = 'agent_rhonda'; \
                   update voip_users set retired_at = now() where identity = 'supervisor_sue'";
    office.database.batch_execute(retired).await.unwrap();
    assert_eq!(
        voice_token(&office, &of(SUE.1, "authenticated"))
            .await
            .status(),
        403
    );

    // The rate is a member's own.
    let doug = of(DOUG.1, "authenticated");
    let mut refused = None;
    for _ in 0..30 {
        let answer = voice_token(&office, &doug).await;
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), 200);
    }
    assert!(
        refused
            .expect("there is an end to it")
            .headers()
            .contains_key("retry-after")
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_see_what_matters() {
    let office = Office::open().await;
    office.row_of_a_call().await;
    // How often a caller who waits has asked is a matter of time, and while the machine is busy the calls may be missing.
    let is_there = |text: &str| {
        let count = |line: &str| {
            let value = text.lines().find_map(|at| at.strip_prefix(line))?;
            value.trim().parse::<u64>().ok()
        };
        count("switchboard_calls{status=\"ringing\"}") == Some(1)
            && count("switchboard_calls{status=\"parked\"}") == Some(0)
            && count("switchboard_webhook_seconds_count{path=\"/twilio/voice\",status=\"200\"}")
                >= Some(1)
            && text.contains("# TYPE switchboard_audio_behind_seconds histogram")
            && text.contains("# TYPE switchboard_claim_to_connected_seconds histogram")
    };
    let mut text = String::new();
    let looking = async {
        while !is_there(&text) {
            let answer = office
                .http
                .get(office.url("/metrics"))
                .send()
                .await
                .unwrap();
            text = answer.text().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let is_found = tokio::time::timeout(PATIENCE, looking).await;
    assert!(is_found.is_ok(), "{text}");
    assert!(!text.contains("+1202"), "{text}");
    let config: Value = office
        .http
        .get(office.url("/config.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        config["voice_url"],
        format!("ws://{}/device", office.sim_address)
    );
    office.close().await;
}
