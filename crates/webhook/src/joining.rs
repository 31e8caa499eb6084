//! Joining the team with an invitation: the page has no key that makes accounts, this service has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tracing::{error, info, warn};

use crate::accounts::{AccountError, Accounts};
use crate::server::App;
use crate::store::{Store, StoreError};

/// So many join at the same time. Nobody has shown who they are by then, so the database is not theirs to keep busy.
const AT_ONCE: usize = 4;
/// How the secret of a link is written: so many hexadecimal digits.
const SECRET_DIGITS: usize = 64;
/// In characters, as the project asks of everybody who signs up.
const SHORTEST_PASSWORD: usize = 8;
/// In bytes: bcrypt would not read the rest.
const LONGEST_PASSWORD: usize = 72;

/// Lets people in who were invited.
#[derive(Clone)]
pub struct Joining {
    accounts: Accounts,
    store: Store,
    turns: Arc<Semaphore>,
}

/// What a page asks with.
#[derive(Deserialize)]
pub struct Application {
    secret: SecretString,
    email: String,
    password: SecretString,
}

impl Application {
    /// Whether it is worth asking anybody.
    fn is_formed(&self) -> bool {
        let password = self.password.expose_secret();
        password.chars().count() >= SHORTEST_PASSWORD
            && password.len() <= LONGEST_PASSWORD
            && self.email.contains('@')
    }

    fn has_a_secret(&self) -> bool {
        let secret = self.secret.expose_secret();
        secret.len() == SECRET_DIGITS && secret.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

impl Joining {
    /// With the accounts and the rows of one project.
    #[must_use]
    pub fn new(accounts: Accounts, store: Store) -> Self {
        Self {
            accounts,
            store,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The account first, since a member is somebody's; and away with it if the invitation was used up meanwhile.
    async fn join(self, application: Application) -> StatusCode {
        match self.store.invitation_is_open(&application.secret).await {
            Ok(true) => {}
            Ok(false) => return StatusCode::GONE,
            Err(error) => return unavailable(&error),
        }
        let made = self
            .accounts
            .make(&application.email, &application.password);
        let account = match made.await {
            Ok(account) => account,
            Err(AccountError::Taken) => return StatusCode::CONFLICT,
            Err(AccountError::Refused(code)) => {
                info!(code, "an account was refused");
                return StatusCode::BAD_REQUEST;
            }
            Err(AccountError::Trouble(why)) => {
                error!(why, "cannot make an account");
                return StatusCode::SERVICE_UNAVAILABLE;
            }
        };
        let accepted = self.store.accept_invitation(&application.secret, account);
        let status = match accepted.await {
            Ok(Some(member)) => {
                info!(member.id = %member, "somebody joined the team");
                return StatusCode::NO_CONTENT;
            }
            Ok(None) => StatusCode::GONE,
            Err(error) => unavailable(&error),
        };
        if let Err(error) = self.accounts.remove(account).await {
            warn!(%error, "an account without a place on the team remains");
        }
        status
    }
}

fn unavailable(error: &StoreError) -> StatusCode {
    error!(%error, "cannot look at an invitation");
    StatusCode::SERVICE_UNAVAILABLE
}

/// `POST /api/join`: `{"secret","email","password"}` of somebody who was invited. 204: they may sign in. 400: the address
/// or the password will not do; 409: the address has an account; 410: the invitation is over; 429: try again.
pub async fn join(State(app): State<App>, Json(application): Json<Application>) -> StatusCode {
    if !application.has_a_secret() {
        return StatusCode::GONE;
    }
    if !application.is_formed() {
        return StatusCode::BAD_REQUEST;
    }
    let Ok(turn) = app.joining.turns.clone().try_acquire_owned() else {
        return StatusCode::TOO_MANY_REQUESTS;
    };
    // Goes on if the page goes away: an account that was begun joins or is removed.
    let joining = tokio::spawn(async move {
        let status = app.joining.join(application).await;
        drop(turn);
        status
    });
    joining.await.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
