//! Access tokens made by hand, as if forged or issued at another time: the claims of a real token, changed and signed again.
//! Independent of the crate that the server signs with.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Result<Value> {
    let claims = token.split('.').nth(1).context("a token has three parts")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}

/// A token of these claims, signed with HMAC-SHA-256.
pub(crate) fn signed(claims: &Value, secret: &str) -> Result<String> {
    signed_as(&json!({"typ": "JWT", "alg": "HS256"}), claims, secret)
}

/// The same with a header that may name another algorithm.
pub(crate) fn signed_as(header: &Value, claims: &Value, secret: &str) -> Result<String> {
    let head = URL_SAFE_NO_PAD.encode(header.to_string());
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(format!("{head}.{body}").as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{head}.{body}.{signature}"))
}
