//! Who is believed.

use switchboard_twilio::signature::HEADER;

use crate::app::{TestApp, caller};

const ROUTES: [&str; 5] = [
    "/twilio/voice",
    "/twilio/dial",
    "/twilio/leg",
    "/twilio/status",
    "/twilio/fallback",
];

#[tokio::test]
async fn nobody_is_believed_without_a_signature() {
    let app = TestApp::alone().await;
    for route in ROUTES {
        let response = app
            .request("POST", route)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("CallSid=CA1&CallStatus=completed&DialCallStatus=completed")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403, "{route}");
    }
}

#[tokio::test]
async fn a_signature_is_for_one_url_and_one_body() {
    let app = TestApp::alone().await;
    let signed = app.signed("/twilio/voice", &caller("CA1")).build().unwrap();
    let signature = &signed.headers()[HEADER];
    for (path, body) in [
        ("/twilio/voice", "CallSid=CA2"),
        ("/twilio/voice?c=1", "CallSid=CA1"),
        ("/twilio/fallback", "CallSid=CA1"),
    ] {
        let forged = app
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header(HEADER, signature)
            .body(body);
        assert_eq!(forged.send().await.unwrap().status(), 403, "{path} {body}");
    }
}

#[tokio::test]
async fn the_host_header_has_no_say() {
    let app = TestApp::alone().await;
    let request = app
        .signed("/twilio/voice", &caller("CA1"))
        .header("host", "evil.example");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let app = TestApp::alone().await;
    for (bytes, status) in [(63 * 1024, 200), (65 * 1024, 413), (10 * 1024 * 1024, 413)] {
        let mut pairs = caller("CA1").to_vec();
        let padding = "x".repeat(bytes);
        pairs.push(("Padding", &padding));
        let answer = app.signed("/twilio/voice", &pairs).send().await;
        // A server that stops reading may close the connection before the client has seen the answer.
        match answer {
            Ok(response) => assert_eq!(response.status(), status, "{bytes}"),
            Err(error) => assert!(bytes > 1024 * 1024 && error.is_request(), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_signed_request_that_makes_no_sense_is_malformed() {
    let app = TestApp::alone().await;
    let answer = app.twiml("/twilio/voice", &[("CallSid", "nonsense")]).await;
    assert_eq!(answer.status, 400);
    let answer = app
        .twiml(
            "/twilio/status",
            &[("CallSid", "CA1"), ("CallStatus", "vanished")],
        )
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn only_posts_are_taken() {
    let app = TestApp::alone().await;
    for route in ROUTES {
        assert_eq!(app.get(route).await.status(), 405, "{route}");
    }
}
