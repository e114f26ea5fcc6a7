//! What an empty installation starts with: a tenant, its admin, sample packages. Doing it twice changes nothing.

use secrecy::SecretString;

use domain::{Clock, Tenant};
use repositories::Database;

use crate::ServiceError;

/// What was there or made.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The default tenant.
    pub tenant: Tenant,
    /// Whether anything was made.
    pub is_new: bool,
}

/// Another tenant with its first admin.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Name, as people write it.
    pub name: String,
    /// Lower-case letters, digits and hyphens.
    pub slug: String,
    /// Name the admin logs in with.
    pub admin_username: String,
    /// 8 to 128 characters.
    pub admin_password: SecretString,
}

/// Makes the default tenant, the user `admin` (`admin@aksara.ai`) and three packages, each where it is missing.
///
/// # Errors
/// [`ServiceError::InvalidFields`] for a bad password, or a failure.
pub async fn seed(
    database: &Database,
    clock: &dyn Clock,
    admin_password: &SecretString,
) -> Result<Seeded, ServiceError> {
    unimplemented!()
}

/// Makes a tenant and its admin in one transaction.
///
/// # Errors
/// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] for a taken slug or username, or a failure.
pub async fn create_tenant(
    database: &Database,
    clock: &dyn Clock,
    new: &NewTenant,
) -> Result<Tenant, ServiceError> {
    unimplemented!()
}
