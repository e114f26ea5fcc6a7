//! Bulk questions of a check: which natural keys are taken, and what a reference names. One query per kind of key and batch,
//! never one per row; a small tenant's keys are fetched once.

use domain::{EmailAddress, JamaahId, JamaahRef, JobId, Nik, PackageRef, ReferenceNumber};
use time::Date;
use uuid::Uuid;

use crate::{Database, RepositoryError, TenantScope};

/// Bulk questions about a tenant's rows, for the length of one run over a file. Rows that `job` itself stored do not count.
pub struct Lookups {
    db: Database,
    scope: TenantScope,
    job: JobId,
}

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hits {
    /// Nothing in this tenant.
    None,
    /// Exactly one row.
    One(Uuid),
    /// Several rows, so many.
    Many(u64),
}

impl Lookups {
    /// For one run of one job.
    #[must_use]
    pub fn new(db: &Database, scope: TenantScope, job: JobId) -> Self {
        Self {
            db: db.clone(),
            scope,
            job,
        }
    }

    /// Which of these NIKs another jamaah has; in the order of the question.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_ktp(&self, _values: &[Nik]) -> Result<Vec<bool>, RepositoryError> {
        unimplemented!()
    }

    /// Which of these e-mail addresses another jamaah has, without regard to case.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_email(
        &self,
        _values: &[EmailAddress],
    ) -> Result<Vec<bool>, RepositoryError> {
        unimplemented!()
    }

    /// Which packages of this name (as [`PackageName::match_key`](domain::PackageName::match_key) gives it) and departure exist.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_package(
        &self,
        _keys: &[(String, Date)],
    ) -> Result<Vec<bool>, RepositoryError> {
        unimplemented!()
    }

    /// Which of these receipts a jamaah has already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_payment(
        &self,
        _keys: &[(JamaahId, ReferenceNumber)],
    ) -> Result<Vec<bool>, RepositoryError> {
        unimplemented!()
    }

    /// What these references to packages name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn packages(&self, _refs: &[PackageRef]) -> Result<Vec<Hits>, RepositoryError> {
        unimplemented!()
    }

    /// What these references to jamaah name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn jamaah(&self, _refs: &[JamaahRef]) -> Result<Vec<Hits>, RepositoryError> {
        let _ = (&self.db, self.scope, self.job);
        unimplemented!()
    }
}
