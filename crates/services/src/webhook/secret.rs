//! The secrets that sign what is sent: shown once, stored encrypted where the installation has keys for that.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Timestamp, WebhookDeliveryId, WebhookId};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;

use crate::{ServiceError, storage::StorageKeys};

/// What every secret begins with.
const PREFIX: &str = "whsec_";
/// As long as the output of the hash that it is used with; the specification asks for 24 to 64.
const BYTES: usize = 32;

/// A new secret.
pub(super) fn generate() -> SecretString {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)).into()
}

/// The secret as it is stored. It cannot be decrypted for another webhook.
pub(super) fn seal(
    keys: &StorageKeys,
    webhook: WebhookId,
    secret: &SecretString,
) -> Result<String, ServiceError> {
    let secret = secret.expose_secret();
    let sealed = keys.seal_bytes(&name(webhook), secret.as_bytes());
    let sealed = sealed.map_err(|_| ServiceError::Broken("a secret that cannot be encrypted"))?;
    Ok(sealed.map_or_else(
        || secret.to_owned(),
        |sealed| BASE64_STANDARD.encode(sealed),
    ))
}

/// The secret that was stored; `None` if it was encrypted with a key that this installation does not have.
pub(super) fn open(keys: &StorageKeys, webhook: WebhookId, stored: &str) -> Option<SecretString> {
    if stored.starts_with(PREFIX) {
        return Some(stored.into());
    }
    let sealed = BASE64_STANDARD.decode(stored).ok()?;
    let opened = keys.open_bytes(&name(webhook), &sealed).ok()?;
    Some(String::from_utf8(opened).ok()?.into())
}

/// A stored secret, encrypted with the first of the keys; `None` if none of them decrypts it.
pub(super) fn reseal(keys: &StorageKeys, webhook: WebhookId, stored: &str) -> Option<String> {
    let secret = open(keys, webhook, stored)?;
    seal(keys, webhook, &secret).ok()
}

/// The value of `webhook-signature`: one signature for each secret. `None` if a secret is not one.
pub(super) fn sign(
    secrets: &[SecretString],
    message: &str,
    at: Timestamp,
    body: &str,
) -> Option<String> {
    let signatures: Option<Vec<String>> = secrets
        .iter()
        .map(|secret| {
            let signer = Webhook::new(secret.expose_secret()).ok()?;
            signer
                .sign(message, at.unix_seconds(), body.as_bytes())
                .ok()
        })
        .collect();
    signatures.map(|signatures| signatures.join(" "))
}

/// The id of a message, the same for every try.
pub(super) fn message_id(delivery: WebhookDeliveryId) -> String {
    format!("msg_{}", delivery.as_uuid().simple())
}

fn name(webhook: WebhookId) -> String {
    format!("webhook/{webhook}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signs_as_the_specification_does() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let at = Timestamp::new(time::OffsetDateTime::from_unix_timestamp(1_614_265_330).unwrap());
        let body = r#"{"test": 2432232314}"#;
        let signed = sign(
            std::slice::from_ref(&secret),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            body,
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
        let both = sign(
            &[secret.clone(), secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            body,
        );
        assert_eq!(both, Some(format!("{expected} {expected}")));
    }

    #[test]
    fn a_stored_secret_opens_with_its_key_for_its_webhook_alone() {
        let keys = StorageKeys::parse(&"ab".repeat(32)).unwrap();
        let others = StorageKeys::parse(&"cd".repeat(32)).unwrap();
        let [one, two] = [1, 2].map(|id| WebhookId::from_uuid(uuid::Uuid::from_u128(id)));
        let secret = generate();
        let stored = seal(&keys, one, &secret).unwrap();
        assert!(!stored.contains(PREFIX), "{stored}");
        let opened = |keys, webhook| {
            let opened = open(keys, webhook, &stored)?;
            Some(opened.expose_secret().to_owned())
        };
        assert_eq!(opened(&keys, one).as_deref(), Some(secret.expose_secret()));
        assert_eq!(opened(&keys, two), None);
        assert_eq!(opened(&others, one), None);
        let plain = seal(&StorageKeys::default(), one, &secret).unwrap();
        assert_eq!(plain, secret.expose_secret());
        let opened = open(&keys, one, &plain).unwrap();
        assert_eq!(opened.expose_secret(), secret.expose_secret());
    }
}
