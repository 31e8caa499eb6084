//! What the stand-in leaves out says so, in the form in which a client reads a refusal.

use serde_json::{Value, json};

use super::neighbours::{Case, open, people, play, refused};

#[tokio::test]
async fn what_would_send_a_message_is_refused_in_words() {
    let (stack, player) = people(open()).await;
    let refusal = refused(
        "email_provider_disabled",
        "local-supabase sends no e-mail: sign in with a password",
    );
    let asked = json!({"email": "doug@example.com"});
    let case = |request| -> Case { ("anon", request, Value::clone(&asked), 422, refusal.clone()) };
    let requests = [
        "POST /otp",
        "POST /magiclink",
        "POST /recover",
        "POST /resend",
    ];
    play(&player, requests.map(case).to_vec()).await;
    stack.stop().await;
}
