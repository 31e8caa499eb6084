//! Passwords: bcrypt by pgcrypto, so that a seed's hashes and GoTrue's are the same.

use deadpool_postgres::GenericClient;
use uuid::Uuid;

use super::error::AuthError;
use crate::Gateway;

pub(super) async fn set_password(
    client: &impl GenericClient,
    id: Uuid,
    password: &str,
) -> Result<(), AuthError> {
    let sql = "update auth.users set encrypted_password = extensions.crypt($2, extensions.gen_salt('bf', 10)), \
               updated_at = now() where id = $1";
    client.execute(sql, &[&id, &password]).await?;
    Ok(())
}

/// bcrypt reads 72 bytes and no more: a longer password never matches.
pub(super) async fn password_matches(
    client: &impl GenericClient,
    id: Uuid,
    password: &str,
) -> Result<bool, AuthError> {
    let sql = "select encrypted_password <> '' and extensions.crypt($2, encrypted_password) = encrypted_password \
               from auth.users where id = $1";
    let row = client.query_opt(sql, &[&id, &password]).await?;
    let matches = row
        .and_then(|row| row.get::<_, Option<bool>>(0))
        .unwrap_or_default();
    Ok(matches && password.len() <= LONGEST)
}

/// What bcrypt reads of a password, in bytes.
pub(super) const LONGEST: usize = 72;

/// Refuses a password that is shorter than the project wants, or longer than is looked at. GoTrue counts bytes.
pub(super) fn check_strength(gateway: &Gateway, password: &str) -> Result<(), AuthError> {
    let minimum = gateway.auth.minimum_password_length;
    if password.len() > LONGEST {
        Err(AuthError::validation(format!(
            "Password cannot be longer than {LONGEST} characters"
        )))
    } else if password.len() < minimum {
        Err(AuthError::WeakPassword { minimum })
    } else {
        Ok(())
    }
}
