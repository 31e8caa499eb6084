//! What is refused because it would not be safe.

use super::*;

fn config(arguments: &[&str]) -> Config {
    Config::try_parse_from(["switchboard-webhook"].iter().chain(arguments)).unwrap()
}

#[test]
fn a_machine_of_its_own_needs_no_settings() {
    config(&[]).check().unwrap();
}

#[test]
fn the_known_token_is_refused_where_others_can_reach_it() {
    for open in [
        ["--public-base-url", "https://switchboard.example.com"],
        ["--listen", "0.0.0.0:8080"],
    ] {
        let refusal = config(&open).check().unwrap_err().to_string();
        assert!(refusal.contains("set TWILIO_AUTH_TOKEN"), "{refusal}");
        let secret = ["--twilio-auth-token", "0123456789abcdef0123456789abcdef"];
        config(&[open, secret].concat()).check().unwrap();
    }
}

#[test]
fn an_empty_token_is_refused_everywhere() {
    assert!(config(&["--twilio-auth-token", ""]).check().is_err());
}

#[test]
fn a_secret_key_is_not_given_to_browsers() {
    for key in [LOCAL_SERVICE_ROLE_KEY, "sb_secret_0123456789"] {
        let refusal = config(&["--supabase-anon-key", key]).check().unwrap_err();
        assert!(
            refusal.to_string().contains("SUPABASE_ANON_KEY"),
            "{refusal}"
        );
        assert!(!refusal.to_string().contains(key), "{refusal}");
    }
}

#[test]
fn twilio_is_not_looked_for_at_the_simulators_place() {
    let mut real = config(&["--voice", "twilio", "--twilio-api-key-secret", "hush"]);
    real.check().unwrap();
    for here in [
        LOCAL_SIM_URL,
        "http://localhost:8081",
        "http://LOCALHOST.:8081",
        "http://twilio.localhost",
        "http://127.1.2.3:8081",
        "http://127.1",
        "http://2130706433/",
        "http://0.0.0.0:8081",
        "http://0",
        "http://[::1]:8081",
        "http://[::]:8081",
        "http://[::ffff:127.0.0.1]",
    ] {
        real.twilio_api_url = Some(Url::parse(here).unwrap());
        let Err(refusal) = real.check() else {
            panic!("{here} is taken for Twilio")
        };
        let refusal = refusal.to_string();
        assert!(refusal.contains("leave TWILIO_API_URL out"), "{refusal}");
    }
    for elsewhere in [
        TWILIO_API_URL,
        "https://api.dublin.ie1.twilio.com",
        "http://10.0.0.4:8081",
        "https://localhost.example.com",
    ] {
        real.twilio_api_url = Some(Url::parse(elsewhere).unwrap());
        real.check().unwrap();
    }
}

#[test]
fn a_supabase_that_is_no_web_address_is_refused() {
    assert!(
        config(&["--supabase-url", "postgres://localhost"])
            .check()
            .is_err()
    );
}

#[test]
fn debug_prints_no_secret() {
    let text = format!(
        "{:?}",
        config(&[
            "--twilio-auth-token",
            "hush1",
            "--supabase-service-role-key",
            "hush2",
            "--twilio-api-key-secret",
            "hush3",
            "--supabase-jwt-secret",
            "hush4",
            "--metrics-token",
            "hush5"
        ])
    );
    assert!(!text.contains("hush"), "{text}");
}
