//! Twilio's published vectors, and what must break them.

use super::*;

const URI: &str = "/myapp.php?foo=1&bar=2";
const PARAMS: [(&str, &str); 5] = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];

fn token() -> AuthToken {
    AuthToken::new("12345")
}

fn base(text: &str) -> PublicUrl {
    PublicUrl::parse(text).unwrap()
}

fn form<const N: usize>(pairs: [(&str, &str); N]) -> Form {
    pairs.into_iter().collect()
}

fn check(base_url: &str, uri: &str, form: &Form, signature: &str) -> Result<(), SignatureError> {
    verify(
        &token(),
        &base(base_url),
        uri,
        SignedBody::Form(form),
        signature,
    )
}

#[test]
fn a_form_post_has_twilios_signature() {
    let url = format!("https://mycompany.com{URI}");
    assert_eq!(
        sign(&token(), &url, &form(PARAMS)),
        "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    );
    let with_port = format!("https://mycompany.com:443{URI}");
    assert_eq!(
        sign(&token(), &with_port, &form(PARAMS)),
        "kvajT1Ptam85bY51eRf/AJRuM3w="
    );
}

#[test]
fn the_order_of_the_parameters_does_not_matter() {
    let mut reversed = PARAMS;
    reversed.reverse();
    check(
        "https://mycompany.com",
        URI,
        &form(reversed),
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    )
    .unwrap();
}

#[test]
fn the_standard_port_may_be_signed_or_not_whatever_is_configured() {
    for base in [
        "https://mycompany.com",
        "https://mycompany.com:443",
        "https://mycompany.com/",
    ] {
        for signature in [
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ] {
            check(base, URI, &form(PARAMS), signature).unwrap();
        }
    }
}

#[test]
fn repeated_keys_are_signed_once_per_distinct_value_in_order() {
    let repeated = form([
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ]);
    check(
        "https://mycompany.com",
        URI,
        &repeated,
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    )
    .unwrap();
}

#[test]
fn a_json_body_is_signed_by_its_hash_in_the_url() {
    let uri = format!(
        "{URI}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    );
    let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
    let verify_raw = |body: &[u8]| {
        verify(
            &token(),
            &base("https://mycompany.com"),
            &uri,
            SignedBody::Raw(body),
            signature,
        )
    };
    assert_eq!(
        verify_raw(br#"{"property": "value", "boolean": true}"#),
        Ok(())
    );
    assert_eq!(
        verify_raw(br#"{"property": "value", "boolean": false}"#),
        Err(SignatureError::BodyMismatch)
    );
}

#[test]
fn a_raw_body_without_a_hash_in_the_url_is_refused() {
    let signature = sign(
        &token(),
        &format!("https://mycompany.com{URI}"),
        &Form::default(),
    );
    let refused = verify(
        &token(),
        &base("https://mycompany.com"),
        URI,
        SignedBody::Raw(b"{}"),
        &signature,
    );
    assert_eq!(refused, Err(SignatureError::BodyMismatch));
}

#[test]
fn anything_changed_breaks_the_signature() {
    let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    let mut other_value = PARAMS;
    other_value[2].1 = "1235";
    let mut trimmed_value = PARAMS;
    trimmed_value[2].1 = "1234 ";
    for (base, uri, params, signature) in [
        ("https://mycompany.com", URI, other_value, good),
        ("https://mycompany.com", URI, trimmed_value, good),
        (
            "https://mycompany.com",
            "/myapp.php?bar=2&foo=1",
            PARAMS,
            good,
        ),
        ("http://mycompany.com", URI, PARAMS, good),
        ("https://other.com", URI, PARAMS, good),
        (
            "https://mycompany.com:8443",
            URI,
            PARAMS,
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ),
        ("https://mycompany.com", URI, PARAMS, ""),
        ("https://mycompany.com", URI, PARAMS, "not base64!"),
        (
            "https://mycompany.com",
            URI,
            PARAMS,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8",
        ),
    ] {
        assert_eq!(
            check(base, uri, &form(params), signature),
            Err(SignatureError::Mismatch),
            "{base}{uri} {signature}"
        );
    }
    let wrong_token = verify(
        &AuthToken::new("12346"),
        &base("https://mycompany.com"),
        URI,
        SignedBody::Form(&form(PARAMS)),
        good,
    );
    assert_eq!(wrong_token, Err(SignatureError::Mismatch));
}

#[test]
fn debug_does_not_print_the_token() {
    assert!(!format!("{:?}", token()).contains("12345"));
}
