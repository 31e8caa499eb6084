//! One running service for one test.

use std::net::SocketAddr;
use std::path::Path;

use clap::Parser as _;
use reqwest::{RequestBuilder, Response};
use switchboard_twilio::{AuthToken, Form, signature};
use switchboard_webhook::{Config, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What Twilio would call; nothing listens there, because only signatures are made over it.
pub(crate) const BASE: &str = "https://switchboard.test/phone";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Nobody listens on the discard port.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9";

/// A service on a free port. Dropping it stops it.
pub(crate) struct TestApp {
    address: SocketAddr,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl TestApp {
    /// A service whose database is away.
    pub(crate) async fn alone() -> Self {
        Self::start(&["--supabase-url", NOWHERE]).await
    }

    /// A service that serves the dashboard in `folder`.
    pub(crate) async fn with_dashboard(folder: &Path) -> Self {
        Self::start(&[
            "--supabase-url",
            NOWHERE,
            "--dashboard-dir",
            folder.to_str().unwrap(),
        ])
        .await
    }

    /// A service before the database at `supabase_url`.
    pub(crate) async fn before(supabase_url: &str) -> Self {
        Self::start(&["--supabase-url", supabase_url]).await
    }

    /// A service whose callers and agents have audio; nobody answers where Twilio's API would be.
    pub(crate) async fn with_audio(supabase_url: &str) -> Self {
        let secrets = [
            "--twilio-api-key-secret",
            "the key's secret",
            "--supabase-jwt-secret",
            "",
        ];
        let options = ["--supabase-url", supabase_url, "--voice", "sim"];
        Self::start(&[&options[..], &secrets, &["--twilio-api-url", NOWHERE]].concat()).await
    }

    /// A service with these options, on a free port.
    pub(crate) async fn start(options: &[&str]) -> Self {
        let fixed = [
            "switchboard-webhook",
            "--listen",
            "127.0.0.1:0",
            "--public-base-url",
            BASE,
            "--twilio-auth-token",
            TOKEN,
        ];
        let config = Config::try_parse_from(fixed.iter().chain(options)).unwrap();
        let server = Server::bind(config).await.unwrap();
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            address,
            client,
            stop,
            running,
        }
    }

    /// Asks the service to stop, and gives what it does until then.
    pub(crate) fn stop(self) -> JoinHandle<anyhow::Result<()>> {
        drop(self.stop);
        self.running
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().await.unwrap()
    }

    /// Posts as Twilio does: form, and a signature over what Twilio believes the URL to be.
    pub(crate) fn signed(&self, path: &str, pairs: &[(&str, &str)]) -> RequestBuilder {
        let form: Form = pairs.iter().copied().collect();
        let signature = signature::sign(&AuthToken::new(TOKEN), &format!("{BASE}{path}"), &form);
        self.request("POST", path)
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=UTF-8",
            )
            .header(signature::HEADER, signature)
            .body(form.encode())
    }

    /// Posts as Twilio does and reads the TwiML.
    pub(crate) async fn twiml(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let response = self.signed(path, pairs).send().await.unwrap();
        Answer::read(response).await
    }

    /// A caller's first request.
    pub(crate) async fn call(&self, sid: &str) -> Answer {
        self.twiml("/twilio/voice", &caller(sid)).await
    }

    /// The last word about a leg; answers the HTTP status.
    pub(crate) async fn hang_up(&self, sid: &str, status: &str) -> u16 {
        let mut pairs = caller(sid).to_vec();
        pairs.extend([
            ("CallStatus", status),
            ("SequenceNumber", "1"),
            ("CallDuration", "9"),
        ]);
        // The later value of a key would not be read.
        pairs.remove(3);
        self.signed("/twilio/status", &pairs)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }
}

/// What Twilio posts about a call.
pub(crate) fn caller(sid: &str) -> [(&str, &str); 8] {
    [
        ("CallSid", sid),
        ("From", "+15550100123"),
        ("To", "+15550100999"),
        ("CallStatus", "ringing"),
        ("AccountSid", "AC0123456789abcdef0123456789abcdef"),
        ("ApiVersion", "2010-04-01"),
        ("Direction", "inbound"),
        ("CallerName", "ANN LEE"),
    ]
}

/// A sid that no other test has.
pub(crate) fn new_sid() -> String {
    format!("CA{}", Uuid::new_v4().simple())
}

/// TwiML as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let header = response.headers().get("content-type");
        Self {
            status: response.status().as_u16(),
            content_type: header
                .map_or_else(String::new, |value| value.to_str().unwrap().to_owned()),
            body: response.text().await.unwrap(),
        }
    }

    /// The verbs' names; fails when this is not TwiML that Twilio would take.
    pub(crate) fn verbs(&self) -> Vec<String> {
        assert_eq!(
            (self.status, &*self.content_type),
            (200, "text/xml; charset=utf-8"),
            "{}",
            self.body
        );
        let document = roxmltree::Document::parse(&self.body).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "Response");
        let verbs = document.root_element().children();
        verbs
            .map(|verb| verb.tag_name().name().to_owned())
            .collect()
    }

    /// The path and query that a hold loop asks next. Fails when this is anything but a hold loop.
    pub(crate) fn held_until(&self) -> String {
        assert_eq!(self.verbs(), ["Say", "Pause", "Redirect"], "{}", self.body);
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let url = document
            .root_element()
            .last_element_child()
            .unwrap()
            .text()
            .unwrap();
        url.strip_prefix(BASE)
            .unwrap_or_else(|| panic!("{url} is not ours"))
            .to_owned()
    }
}
