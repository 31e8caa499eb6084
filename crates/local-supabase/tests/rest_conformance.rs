//! Replays what the real REST server answered, case by case, and compares.
//!
//! Differences are allowed only where the crate's README lists them, and what is listed must still differ.

#[path = "rest/matching.rs"]
mod matching;
#[path = "rest/stand.rs"]
mod stand;
#[path = "rest/wire.rs"]
mod wire;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use matching::Bindings;
use stand::{Stand, golden};

/// Headers that the recordings keep.
fn is_kept(name: &str) -> bool {
    name.starts_with("access-control-")
        || name.starts_with("x-")
        || [
            "content-type",
            "content-range",
            "content-location",
            "location",
            "preference-applied",
            "proxy-status",
            "www-authenticate",
            "allow",
            "vary",
            "cache-control",
        ]
        .contains(&name)
}

/// The bytes of a case's body, if it has one.
fn body_of(case: &Value, bindings: &mut Bindings) -> Option<Vec<u8>> {
    if let Some(text) = case.get("body_text") {
        return Some(text.as_str().expect("a text").as_bytes().to_vec());
    }
    if let Some(generated) = case.get("body_generated") {
        let mut body = generated["json"].clone();
        let count = usize::try_from(generated["count"].as_u64().expect("a count")).expect("small");
        let field = generated["set"].as_str().expect("a field");
        body[field] = generated["repeat"]
            .as_str()
            .expect("a text")
            .repeat(count)
            .into();
        return Some(body.to_string().into_bytes());
    }
    case.get("body")
        .map(|body| bindings.fill(&body.to_string()).into_bytes())
}

/// What differs, in a line; `None` if nothing does.
fn difference(case: &Value, response: &wire::Response, bindings: &mut Bindings) -> Option<String> {
    let expected = &case["response"];
    if expected["status"] != json!(response.status) {
        return Some(format!(
            "status {} and not {}: {}",
            response.status,
            expected["status"],
            response.text()
        ));
    }
    let recorded = expected["headers"].as_object().expect("headers");
    for (name, value) in recorded {
        let actual = response.header(name);
        if !actual.is_some_and(|actual| bindings.text(value.as_str().expect("a text"), actual)) {
            return Some(format!("{name} is {actual:?} and not {value}"));
        }
    }
    let added = response
        .headers
        .iter()
        .find(|(name, _)| is_kept(name) && !recorded.contains_key(name));
    if let Some((name, value)) = added {
        return Some(format!("{name}: {value} is too much"));
    }
    if let Some(text) = expected.get("body_text") {
        let equal = bindings.text(text.as_str().expect("a text"), &response.text());
        return (!equal).then(|| format!("body is {}", response.text()));
    }
    let mut recorded = expected["body"].clone();
    let mut actual: Value = match serde_json::from_slice(&response.body) {
        Ok(body) => body,
        Err(_) if response.body.is_empty() => Value::Null,
        Err(error) => return Some(format!("body is no JSON: {error}: {}", response.text())),
    };
    if let Some(digest) = recorded.get("$omitted") {
        actual = json!({
            "keys": actual.as_object().map(|object| object.keys().collect::<BTreeSet<_>>()),
            "paths": actual["paths"].as_object().map(|paths| paths.keys().collect::<BTreeSet<_>>()),
        });
        recorded = json!({"keys": sorted(&digest["keys"]), "paths": sorted(&digest["paths"])});
    }
    // Depends on where rows lie in the file, on the real server too.
    if case["name"] == "mass/state" {
        (recorded, actual) = (sorted(&recorded), sorted(&actual));
    }
    let equal = bindings.json(&recorded, &actual);
    (!equal).then(|| format!("body is {actual} and not {recorded}"))
}

fn sorted(list: &Value) -> Value {
    let mut items = list.as_array().cloned().unwrap_or_default();
    items.sort_by_key(Value::to_string);
    Value::Array(items)
}

/// The cases of the table under "REST deviations" in the crate's README.
fn listed_deviations() -> BTreeSet<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).expect("the crate's README");
    let section = readme
        .split("## REST deviations")
        .nth(1)
        .expect("the section \"REST deviations\"");
    let section = section.split("\n## ").next().unwrap_or(section);
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_answer_is_given_again_but_for_what_the_readme_lists() {
    let recordings = std::fs::read_to_string(golden("rest.json")).expect("recordings");
    let recordings: Value = serde_json::from_str(&recordings).expect("JSON");
    let members = &recordings["meta"]["voip_users"];
    let cases = recordings["cases"].as_array().expect("cases");
    let stand = Stand::start().await;
    stand.add_members(members).await;

    let mut bindings = Bindings::default();
    let mut group = "";
    let mut differing = BTreeSet::new();
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let its_group = name.split('/').next().expect("a group");
        if its_group != group {
            group = its_group;
            let fixture = case["fixture"].as_str().expect("a fixture");
            stand.reset(members, &recordings["fixtures"][fixture]).await;
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in case["headers"].as_object().expect("headers") {
            headers.push((name.clone(), value.as_str().expect("a text").to_owned()));
        }
        headers.extend(
            stand
                .authorization(case["as"].as_str().expect("somebody"))
                .map(|value| ("authorization".to_owned(), value)),
        );
        let path = bindings.fill(case["path_and_query"].as_str().expect("a path"));
        let body = body_of(case, &mut bindings);
        let method = case["method"].as_str().expect("a method");
        let response = wire::send(stand.address, method, &path, &headers, body.as_deref()).await;
        if let Some(difference) = difference(case, &response, &mut bindings) {
            println!("{name}: {difference}");
            differing.insert(name.to_owned());
        }
    }
    stand.stop().await;

    let listed = listed_deviations();
    println!(
        "{} recorded answers replayed, {} equal, {} listed as different",
        cases.len(),
        cases.len() - differing.len(),
        listed.len()
    );
    let unlisted: Vec<&String> = differing.difference(&listed).collect();
    let no_longer: Vec<&String> = listed.difference(&differing).collect();
    assert!(
        unlisted.is_empty() && no_longer.is_empty(),
        "differ and are not in the README's table: {unlisted:?}; are in it and do not differ: {no_longer:?}"
    );
}
