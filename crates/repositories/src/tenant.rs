//! Tenants. They are made by the command line, before anyone belongs to them, so these run as the owner.

use domain::Tenant;

use crate::{Database, RepositoryError};

/// The tenants of the installation.
#[derive(Clone)]
pub struct Tenants {
    db: Database,
}

impl Tenants {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a new tenant.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when the slug is taken.
    pub async fn insert(&self, _tenant: &Tenant) -> Result<(), RepositoryError> {
        unimplemented!()
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_by_slug(&self, _slug: &str) -> Result<Option<Tenant>, RepositoryError> {
        unimplemented!()
    }

    /// How many tenants there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count(&self) -> Result<u64, RepositoryError> {
        let _ = &self.db;
        unimplemented!()
    }
}
