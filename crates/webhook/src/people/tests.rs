//! Sessions that the project signs with a key pair. The tokens were signed once, for good, with a key that is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use jsonwebtoken::{EncodingKey, Header, encode};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, pause};

use super::keys::KEYS_LAST;
use super::*;

const X: &str = "pf2voi6UCxd1zOA2iKZm5k8aLAqYbSmGwVC87YpQeqs";
const Y: &str = "fc0zKdnAC4nUxOy0JcWmwbvbq1NNjUBuC73ZQT2nWG4";
const GOOD: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.",
    "eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.",
    "t2eMy0JX7-vEKvAAmDVWZGqpkb72ZCQhbYH0EHmtHsiM3RaK5C-fN_0KvfPKGS97NOutSsnaJ-RI36X7ExkT6Q"
);
const EXPIRED: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.",
    "eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjoxMDAwMDAwMDAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.",
    "JIryhnp6zkk-09Kjkd-KYPftBWI2-IuaOJ11JXEx6VfuxS8H8ORUCWCAEjHlQsYw6iA41zZoYN2bF4kGQRAzvA"
);
const EARLY: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.",
    "eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJuYmYiOjQwMDAwMDAwMDB9.",
    "aIAZod-lSdvxuqzlpaCFG0Mt2NtzvH9s33DxI_RTKN4NX3-VWlY3HAWZkGtZgooyQiKfnGjVEmqynXGDN-YJlQ"
);
const ANON: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.",
    "eyJhdWQiOiJhbm9uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.",
    "e8L8u79bDHvAGGqyzUYh0EakNJn9I0jxsSqRrXlzTevf4yJqJq6CNqhufrJujvWoXjewqmeoM4BXZzAWnkiKgw"
);
const NAMELESS: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.",
    "eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.",
    "FP68V7lYwmTUaZesCBrJZIZ3fp0I4qbMSKayONbyKrVBOXEmjuL2oLhZ1qBKRrcDAkKfkPO0iB4zHAHtDMGfDQ"
);
const OTHER: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsyIiwidHlwIjoiSldUIn0.",
    "eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.",
    "sYsFnPMfxVRmGZBsn6zYmv33Z1vm3w9lxH5i94OodPEsIIcmoS0okqVFYrShaIauyHv1BQQDIRAD5dxQwvc-4w"
);

/// How a project answers when it is asked for its keys.
#[derive(Clone, Debug, PartialEq)]
enum Says {
    /// These, by name.
    Keys(&'static [&'static str]),
    /// That something in front of it is broken.
    Nothing,
    /// Not before it is told to say something else.
    NotYet,
}

/// A project that publishes its key under one name, or fails, and how often it was asked.
async fn project(publishes: bool) -> (People, Arc<AtomicUsize>) {
    let (people, asked, says) = slow_project().await;
    says.send_replace(if publishes {
        Says::Keys(&["k1"])
    } else {
        Says::Nothing
    });
    (people, asked)
}

/// A project that answers as it is told to.
async fn slow_project() -> (People, Arc<AtomicUsize>, watch::Sender<Says>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let (says, hears) = watch::channel(Says::NotYet);
    let keys = get(move || {
        let (count, mut hears) = (count.clone(), hears.clone());
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            let said = hears.wait_for(|said| *said != Says::NotYet).await.unwrap();
            let (status, names) = match *said {
                Says::Keys(names) => (StatusCode::OK, names),
                Says::Nothing | Says::NotYet => (StatusCode::BAD_GATEWAY, &[][..]),
            };
            let key = |kid: &&str| json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": X, "y": Y });
            let keys: Vec<_> = names.iter().map(key).collect();
            (status, Json(json!({ "keys": keys })))
        }
    });
    let app = Router::new().route("/auth/v1/.well-known/jwks.json", keys);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let secret = SecretString::from("the project's secret".to_owned());
    let store = Store::new(&url, &secret).unwrap();
    (People::new(&url, &secret, store).unwrap(), asked, says)
}

#[tokio::test]
async fn a_session_signed_with_the_projects_key_is_good_and_no_other() {
    let (people, _) = project(true).await;
    let user = people.user(GOOD).await.unwrap();
    assert_eq!(user.to_string(), "aaaaaaaa-0000-4000-8000-000000000001");
    let mut torn = GOOD.to_owned();
    torn.replace_range(torn.len() - 4.., "AAAA");
    for (what, token) in [
        ("expired", EXPIRED),
        ("not yet good", EARLY),
        ("for anybody", ANON),
        ("of a key without a name", NAMELESS),
        ("of a key that is not published", OTHER),
        ("changed", &torn),
    ] {
        let answer = people.user(token).await;
        assert!(matches!(answer, Err(Stranger::NoSession)), "{what}");
    }
}

#[tokio::test]
async fn what_is_public_is_not_taken_for_a_secret() {
    let (people, asked) = project(true).await;
    people.user(GOOD).await.unwrap();
    let claims = json!({
        "aud": "authenticated", "exp": 4_102_444_800_u64, "sub": "aaaaaaaa-0000-4000-8000-000000000001",
    });
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    let sign = |key: EncodingKey| encode(&header, &claims, &key).unwrap();
    for public in [X, Y, ""] {
        let forged = sign(EncodingKey::from_secret(public.as_bytes()));
        assert!(people.user(&forged).await.is_err(), "{public}");
    }
    let ours = EncodingKey::from_secret(b"the project's secret");
    assert!(
        people.user(&sign(ours)).await.is_ok(),
        "the claims are good"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_flood_of_tokens_is_no_flood_of_questions() {
    for publishes in [true, false] {
        let (people, asked) = project(publishes).await;
        let began = Instant::now();
        for _ in 0..100 {
            assert!(people.user(OTHER).await.is_err());
        }
        // As often as it may, however slow this machine is.
        let at_most = began.elapsed().as_secs() / KEYS_AGAIN.as_secs() + 1;
        let asked = u64::try_from(asked.load(Ordering::SeqCst)).unwrap();
        assert!((1..=at_most).contains(&asked), "{asked} of {at_most}");
    }
}

#[tokio::test]
async fn while_the_project_does_not_publish_its_keys_nobody_is_told_to_sign_in_again() {
    let (people, asked) = project(false).await;
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {GOOD}");
    headers.insert(AUTHORIZATION, bearer.parse().unwrap());
    // The first is the one that asks; the second comes before it may be asked again.
    for _ in 0..2 {
        let answer = people.member(&headers).await.unwrap_err().into_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[RETRY_AFTER], "10");
        let body = axum::body::to_bytes(answer.into_body(), 1000)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("try again in a few seconds"), "{text}");
    }
    assert!(asked.load(Ordering::SeqCst) > 0);
    // What needs no key of the project's is refused as ever.
    headers.insert(AUTHORIZATION, "Bearer a.b.c".parse().unwrap());
    let answer = people.member(&headers).await.unwrap_err();
    assert!(matches!(answer, Stranger::NoSession));
}

#[tokio::test]
async fn while_the_project_takes_its_time_a_known_key_is_answered_and_one_question_is_asked_for_all_others()
 {
    let (people, asked, says) = slow_project().await;
    says.send_replace(Says::Keys(&["k1"]));
    people.user(GOOD).await.unwrap();
    let stopped = Spinning::after(KEYS_AGAIN).await;
    says.send_replace(Says::NotYet);
    let others = [(); 2].map(|()| ask(&people, OTHER));
    stopped.until(|| asked.load(Ordering::SeqCst) == 2).await;
    people.user(GOOD).await.unwrap();
    assert!(
        !others.iter().any(JoinHandle::is_finished),
        "the known key waited for the project"
    );
    says.send_replace(Says::Keys(&["k1", "k2"]));
    stopped
        .until(|| others.iter().all(JoinHandle::is_finished))
        .await;
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_key_that_may_have_been_withdrawn_is_asked_for_first() {
    let (people, asked, says) = slow_project().await;
    says.send_replace(Says::Keys(&["k1"]));
    people.user(GOOD).await.unwrap();
    let stopped = Spinning::after(KEYS_LAST).await;
    says.send_replace(Says::NotYet);
    let again = ask(&people, GOOD);
    stopped.until(|| asked.load(Ordering::SeqCst) == 2).await;
    assert!(!again.is_finished(), "nobody knows whether it still is one");
    says.send_replace(Says::Keys(&["k2"]));
    stopped.until(|| again.is_finished()).await;
    assert!(matches!(again.await.unwrap(), Err(Stranger::NoSession)));
}

#[tokio::test]
async fn a_project_that_goes_on_not_answering_keeps_nobody_waiting_whose_key_it_published() {
    let (people, asked, says) = slow_project().await;
    says.send_replace(Says::Keys(&["k1"]));
    people.user(GOOD).await.unwrap();
    let stopped = Spinning::after(KEYS_LAST).await;
    says.send_replace(Says::Nothing);
    let first = ask(&people, GOOD);
    stopped.until(|| first.is_finished()).await;
    first.await.unwrap().unwrap();
    advance(KEYS_AGAIN).await;
    says.send_replace(Says::NotYet);
    let other = ask(&people, OTHER);
    stopped.until(|| asked.load(Ordering::SeqCst) == 3).await;
    people.user(GOOD).await.unwrap();
    assert!(!other.is_finished(), "the known key waited for the project");
}

fn ask(people: &People, token: &'static str) -> JoinHandle<Result<UserId, Stranger>> {
    let people = people.clone();
    tokio::spawn(async move { people.user(token).await })
}

/// A clock that stands still: however slow this machine is, no time-out passes while something is waited for.
struct Spinning;

impl Spinning {
    /// Stops the clock that much later.
    async fn after(span: Duration) -> Self {
        pause();
        advance(span).await;
        Self
    }

    /// Waits without ever being idle: an idle runtime moves a stopped clock on to the next time-out.
    async fn until(&self, is_so: impl Fn() -> bool) {
        let began = std::time::Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(30), "it never comes");
            tokio::task::yield_now().await;
        }
    }
}
