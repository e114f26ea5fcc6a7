//! API keys: each acts for the user who created it, within its scopes, until it expires.

use crate::{ApiKeyId, TenantId, Timestamp, UserId};

/// What is known of a key without knowing the key itself (table `api_keys`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The account that it acts for: it ends with this account, and never has more rights.
    pub user_id: UserId,
    /// What it is for, as its creator says.
    pub name: String,
    /// The beginning of the key.
    pub hint: String,
    /// Words of permissions; `auth` defines their meaning.
    pub scopes: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}
