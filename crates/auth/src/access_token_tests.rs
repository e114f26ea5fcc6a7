//! Claims about access tokens: what is accepted, and every way to be refused.

use serde_json::{Value, json};

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_736_937_000;

fn tokens() -> Result<AccessTokens, AuthError> {
    AccessTokens::new(&SECRET.into())
}

fn at(seconds: i64) -> Result<Timestamp, AuthError> {
    instant(seconds)
}

fn identity() -> Identity {
    Identity {
        user_id: UserId::from_uuid(Uuid::from_u128(1)),
        tenant_id: TenantId::from_uuid(Uuid::from_u128(2)),
        role: Role::Owner,
        session_id: SessionId::from_uuid(Uuid::from_u128(3)),
        scopes: None,
    }
}

fn good_claims() -> Value {
    json!({
        "iss": "hijrah", "aud": "hijrah-api", "sub": Uuid::from_u128(1), "tid": Uuid::from_u128(2),
        "role": "owner", "sid": Uuid::from_u128(3), "jti": Uuid::from_u128(4),
        "iat": NOW, "nbf": NOW, "exp": NOW + 900,
    })
}

fn signed(claims: &Value) -> Result<String, AuthError> {
    let issuer = tokens()?;
    encode(&Header::new(Algorithm::HS256), claims, &issuer.encoding).map_err(AuthError::Signing)
}

fn verify(token: &str, now: i64) -> Result<VerifiedToken, AuthError> {
    tokens()?.verify(token, at(now)?)
}

#[test]
fn a_token_says_what_it_was_issued_for() -> Result<(), AuthError> {
    let issued = tokens()?.issue(&identity(), at(NOW)?, Uuid::from_u128(4))?;
    let verified = verify(issued.token.expose_secret(), NOW)?;
    assert_eq!(verified.identity, identity());
    assert_eq!(verified.jti, Uuid::from_u128(4));
    assert_eq!(verified.expires_at, at(NOW + 900)?);
    assert_eq!(verified.expires_at, issued.expires_at);
    Ok(())
}

#[test]
fn a_token_is_good_for_15_minutes_and_5_seconds_of_clock_difference() -> Result<(), AuthError> {
    let token = signed(&good_claims())?;
    for (now, good) in [
        (NOW - 6, false),
        (NOW - 5, true),
        (NOW + 904, true),
        (NOW + 905, false),
    ] {
        assert_eq!(verify(&token, now).is_ok(), good, "{} s", now - NOW);
    }
    Ok(())
}

#[test]
fn every_claim_is_required() -> Result<(), AuthError> {
    let all = good_claims();
    assert!(verify(&signed(&all)?, NOW).is_ok());
    for name in all.as_object().into_iter().flat_map(|claims| claims.keys()) {
        let mut claims = all.clone();
        claims[name].take();
        assert!(verify(&signed(&claims)?, NOW).is_err(), "null {name}");
        if let Some(claims) = claims.as_object_mut() {
            claims.remove(name);
        }
        assert!(verify(&signed(&claims)?, NOW).is_err(), "without {name}");
    }
    Ok(())
}

#[test]
fn refuses_claims_of_another_service_or_shape() -> Result<(), AuthError> {
    for (name, value) in [
        ("iss", json!("someone")),
        ("aud", json!("another-api")),
        ("aud", json!(["hijrah-api", "another-api"])),
        ("role", json!("root")),
        ("sub", json!("admin")),
        ("exp", json!("soon")),
        ("exp", json!(i64::MAX)),
    ] {
        let mut claims = good_claims();
        claims[name] = value;
        let refused = verify(&signed(&claims)?, NOW);
        assert!(
            matches!(refused, Err(AuthError::InvalidToken(_))),
            "{claims}: {refused:?}"
        );
    }
    Ok(())
}

#[test]
fn refuses_what_was_signed_otherwise() -> Result<(), AuthError> {
    let good = signed(&good_claims())?;
    let parts: Vec<&str> = good.split('.').collect();
    // {"alg":"none","typ":"JWT"} and {"alg":"HS512","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let hs512 = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9";
    let other_key = encode(
        &Header::new(Algorithm::HS256),
        &good_claims(),
        &EncodingKey::from_secret(b"another secret of thirty-two bytes"),
    )
    .map_err(AuthError::Signing)?;
    let forged_claims = signed(&json!({"role": "admin"}))?;
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        forged_claims.split('.').nth(1).unwrap_or_default(),
        parts[2]
    );
    for token in [
        other_key,
        swapped,
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{hs512}.{}.{}", parts[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}x"),
        format!("{good}.{}", parts[2]),
        String::new(),
        "..".to_owned(),
        "\u{0}".to_owned(),
    ] {
        assert!(
            matches!(verify(&token, NOW), Err(AuthError::InvalidToken(_))),
            "{token}"
        );
    }
    Ok(())
}

#[test]
fn refuses_a_secret_shorter_than_the_hash() {
    for (secret, accepted) in [("", false), (&SECRET[1..], false), (SECRET, true)] {
        assert_eq!(AccessTokens::new(&secret.into()).is_ok(), accepted);
    }
}

#[test]
fn debug_output_shows_no_key() -> Result<(), AuthError> {
    assert_eq!(format!("{:?}", tokens()?), "AccessTokens { .. }");
    Ok(())
}
