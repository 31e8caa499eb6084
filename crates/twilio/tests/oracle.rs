//! Twilio's own npm package as the judge of ours: what it signs we believe, what we sign it believes, and the markup
//! that it writes says the same as ours.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

#[path = "oracle/tokens.rs"]
mod tokens;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use switchboard_twilio::signature::{self, SignedBody};
use switchboard_twilio::twiml::{
    DialRecording, Event, Method, Number, Pause, Play, Record, RecordMode, Redirect, Say,
};
use switchboard_twilio::{AuthToken, Client, Dial, Form, PublicUrl, Twiml, Verb};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// The folder with the package, installed once for all tests and all test processes.
static FOLDER: LazyLock<&'static Path> = LazyLock::new(|| {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle"));
    let lock =
        File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("twilio-oracle.lock")).unwrap();
    lock.lock().unwrap();
    // npm writes this file last, so a broken install is repeated.
    if !folder.join("node_modules/.package-lock.json").exists() {
        let installed = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder)
            .output()
            .expect("npm must be installed");
        assert!(
            installed.status.success(),
            "npm ci: {}",
            String::from_utf8_lossy(&installed.stderr)
        );
    }
    folder
});

fn ask<T: DeserializeOwned>(question: &Value) -> T {
    let mut node = Command::new("node")
        .arg("oracle.mjs")
        .current_dir(*FOLDER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node must be installed");
    node.stdin
        .take()
        .unwrap()
        .write_all(question.to_string().as_bytes())
        .unwrap();
    let answer = node.wait_with_output().unwrap();
    assert!(answer.status.success());
    serde_json::from_slice(&answer.stdout).unwrap()
}

struct Request {
    base: &'static str,
    uri: String,
    pairs: Vec<(String, String)>,
}

impl Request {
    fn url(&self) -> String {
        format!("{}{}", self.base, self.uri)
    }

    fn form(&self) -> Form {
        self.pairs.iter().cloned().collect()
    }

    fn verify(&self, base: &str, signature: &str) -> bool {
        let base = PublicUrl::parse(base).unwrap();
        let form = self.form();
        signature::verify(
            &AuthToken::new(TOKEN),
            &base,
            &self.uri,
            SignedBody::Form(&form),
            signature,
        )
        .is_ok()
    }
}

/// Requests as Twilio makes them, with everything that has ever been unusual: repeated keys, empty and padded values,
/// keys that differ in case, characters from everywhere, ports, prefixes and escapes in the URL.
fn requests() -> Vec<Request> {
    let mut random = ChaCha8Rng::seed_from_u64(20_260_102);
    let keys = [
        "CallSid",
        "From",
        "to",
        "To",
        "CallerName",
        "Digits",
        "Digits",
        "a",
        "B",
        "é",
        "\u{ff5e}",
        "😀",
    ];
    let values = [
        "",
        " ",
        "+14155550100",
        "anonymous",
        "Zoë & <Söhne>",
        " padded ",
        "a\r\nb",
        "%2B",
        "+",
        "李",
        "🙂",
        "\u{ffff}",
    ];
    let bases = [
        "https://example.com",
        "https://example.com:443",
        "http://example.com:8080",
        "https://example.com/phone",
    ];
    let uris = [
        "/twilio/voice",
        "/twilio/voice?",
        "/twilio/voice?c=1&e=0",
        "/twilio/voice?b=%2B+x&a=&a='",
        "/v?x=~!*()%7E",
    ];
    (0..400)
        .map(|n| {
            let pairs = (0..random.random_range(0..12)).map(|_| {
                let mut value = values[random.random_range(0..values.len())].to_owned();
                if random.random_bool(0.3) {
                    value.push_str(&random.next_u32().to_string());
                }
                (keys[random.random_range(0..keys.len())].to_owned(), value)
            });
            Request {
                pairs: pairs.collect(),
                base: bases[n % bases.len()],
                uri: uris[random.random_range(0..uris.len())].to_owned(),
            }
        })
        .collect()
}

#[test]
fn what_twilios_package_signs_is_believed() {
    let requests = requests();
    let cases: Vec<_> = requests
        .iter()
        .map(|r| json!({ "url": r.url(), "pairs": r.pairs }))
        .collect();
    let signatures: Vec<String> = ask(&json!({ "ask": "sign", "token": TOKEN, "cases": cases }));
    assert_eq!(signatures.len(), requests.len());
    for (request, signature) in requests.iter().zip(&signatures) {
        assert!(
            request.verify(request.base, signature),
            "{} {:?}",
            request.url(),
            request.pairs
        );
        assert!(
            !request.verify("https://example.org", signature),
            "{}",
            request.url()
        );
    }
    // The sorting of neighbours is what differs most easily between two implementations.
    assert!(!requests[1].verify(requests[1].base, &signatures[2]));
}

#[test]
fn what_we_sign_is_believed_by_twilios_package() {
    let requests = requests();
    let signed = |token: &str| -> Vec<Value> {
        let token = AuthToken::new(token);
        let case = |r: &Request| {
            let signature = signature::sign(&token, &r.url(), &r.form());
            json!({ "url": r.url(), "pairs": r.pairs, "signature": signature })
        };
        requests.iter().map(case).collect()
    };
    let believed: Vec<bool> =
        ask(&json!({ "ask": "validate", "token": TOKEN, "cases": signed(TOKEN) }));
    assert_eq!(believed.iter().position(|believed| !believed), None);
    let forged: Vec<bool> =
        ask(&json!({ "ask": "validate", "token": TOKEN, "cases": signed("another token") }));
    assert_eq!(forged.iter().position(|believed| *believed), None);
}

#[test]
fn a_json_body_is_judged_as_twilios_package_judges_it() {
    let body = r#"{"property": "value", "boolean": true}"#;
    let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let uri = format!("/twilio/events?bodySHA256={hash}");
    let base = PublicUrl::parse("https://example.com").unwrap();
    let token = AuthToken::new(TOKEN);
    let signature = signature::sign(&token, &base.join(&uri), &Form::default());
    let bodies = [body, "{}", ""];
    let cases =
        bodies.map(|body| json!({ "url": base.join(&uri), "body": body, "signature": signature }));
    let theirs: Vec<bool> = ask(&json!({ "ask": "validateBody", "token": TOKEN, "cases": cases }));
    let ours = bodies.map(|body| {
        signature::verify(
            &token,
            &base,
            &uri,
            SignedBody::Raw(body.as_bytes()),
            &signature,
        )
        .is_ok()
    });
    assert_eq!(theirs, ours);
    assert_eq!(ours, [true, false, false]);
}

/// The same response as `respond` in `oracle.mjs`.
fn respond(text: &str) -> Twiml {
    let text = text.to_owned();
    Twiml::new([
        Verb::Dial(Dial {
            answer_on_bridge: true,
            timeout_s: 15,
            action: text.clone(),
            caller_id: Some(text.clone()),
            record: Some(DialRecording {
                mode: RecordMode::FromAnswerDual,
                status_callback: text.clone(),
            }),
            clients: vec![Client {
                identity: text.clone(),
                status_callback: text.clone(),
                events: Event::ALL.to_vec(),
                parameters: vec![("call_id".to_owned(), text.clone())],
            }],
            numbers: vec![Number {
                number: text.clone(),
                status_callback: text.clone(),
                events: vec![Event::Answered, Event::Completed],
            }],
        }),
        Verb::Say(Say {
            text: text.clone(),
            language: Some("en-GB".to_owned()),
        }),
        Verb::Say(Say {
            text: text.clone(),
            language: None,
        }),
        Verb::Play(Play {
            url: text.clone(),
            times: Some(3),
        }),
        Verb::Pause(Pause { seconds: 10 }),
        Verb::Record(Record {
            action: text.clone(),
            recording_status_callback: text.clone(),
            max_length_s: 120,
            play_beep: true,
            silence_s: Some(0),
            finish_on_key: Some("#".to_owned()),
        }),
        Verb::Redirect(Redirect {
            url: text,
            method: Method::Post,
        }),
        Verb::Hangup,
    ])
}

/// An XML tree without what does not matter: order of attributes, quoting, empty-element spelling.
fn tree(xml: &str) -> Value {
    tree_of(roxmltree::Document::parse(xml).unwrap().root_element())
}

fn tree_of(node: roxmltree::Node<'_, '_>) -> Value {
    let attributes: BTreeMap<_, _> = node.attributes().map(|a| (a.name(), a.value())).collect();
    let children: Vec<_> = node
        .children()
        .filter(|child| child.is_element())
        .map(tree_of)
        .collect();
    json!({
        "name": node.tag_name().name(),
        "attributes": attributes,
        "text": node.text().unwrap_or_default(),
        "children": children,
    })
}

#[test]
fn our_markup_says_the_same_as_twilios_package() {
    let texts = [
        "https://example.com/twilio/voice?c=1&e=0",
        "O'Brien & \"Sons\" <ltd>",
        "</Say><Hangup/>",
        "]]>",
        "Zoë 李 🙂",
        "&amp;",
        "+14155550100",
        "+1415555\"/><Number>+19005550100</Number>",
        "client:x' timeout='600",
        "sip:a@b?x=1&y=<2>",
    ];
    let theirs: Vec<String> = ask(&json!({ "ask": "respond", "texts": texts }));
    for (text, theirs) in texts.iter().zip(theirs) {
        assert_eq!(tree(&respond(text).to_string()), tree(&theirs), "{text}");
    }
}
