//! Bulk questions of a check: which natural keys are taken, and what a reference names. One query per kind of key and batch,
//! never one per row; a small tenant's keys are fetched once and asked in memory.

mod probe;
mod snapshot;

use std::collections::{HashMap, HashSet};

use domain::{EmailAddress, JamaahId, JamaahRef, JobId, Nik, PackageRef, ReferenceNumber};
use time::Date;
use tokio::sync::OnceCell;
use uuid::Uuid;

use self::{
    probe::Column,
    snapshot::{JamaahKeys, JamaahNames, PackageNames, PaymentKeys},
};
use crate::{Database, RepositoryError, TenantScope};

/// Bulk questions about a tenant's rows, for the length of one run over a file. Rows that `job` itself stored do not count as
/// taken, so that a resumed import does not find itself.
pub struct Lookups {
    db: Database,
    scope: TenantScope,
    job: JobId,
    small: u64,
    /// The job changes records.
    changes: bool,
    packages: OnceCell<Option<PackageNames>>,
    jamaah_keys: OnceCell<Option<JamaahKeys>>,
    jamaah_names: OnceCell<Option<JamaahNames>>,
    payment_keys: OnceCell<Option<PaymentKeys>>,
}

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hits {
    /// Nothing in this tenant.
    None,
    /// Exactly one row.
    One(Uuid),
    /// Several rows, and how many.
    Many(u64),
}

impl Lookups {
    /// Rows of a table up to which a tenant is small: a few megabytes, read in a tenth of a second.
    pub const SMALL: u64 = 50_000;

    /// For one run of one job.
    #[must_use]
    pub fn new(db: &Database, scope: TenantScope, job: JobId) -> Self {
        Self::with_small(db, scope, job, Self::SMALL)
    }

    /// The same, calling a tenant small up to `small` rows; 0 always asks the database.
    #[must_use]
    pub fn with_small(db: &Database, scope: TenantScope, job: JobId, small: u64) -> Self {
        Self {
            db: db.patient(),
            scope,
            job,
            small,
            changes: false,
            packages: OnceCell::new(),
            jamaah_keys: OnceCell::new(),
            jamaah_names: OnceCell::new(),
            payment_keys: OnceCell::new(),
        }
    }

    /// For a job that changes records: a key that it took from one of them stays taken. Else what a later row says would depend on
    /// how far the import is, and differ from what the validation said.
    #[must_use]
    pub const fn changing(mut self, changes: bool) -> Self {
        self.changes = changes;
        self
    }

    /// Which jamaah has each of these NIKs; in the order of the question.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_ktp(&self, values: &[Nik]) -> Result<Vec<Hits>, RepositoryError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(keys) = self.jamaah_keys().await? {
            let found = values.iter().map(|nik| one(keys.ktp.get(nik)));
            let asked = values.iter().map(Nik::as_str);
            return self.with_vacated("ktp", asked, found.collect()).await;
        }
        let asked = values.iter().map(Nik::as_str);
        let taken = self.taken_text(&Column::KTP, asked).await?;
        let asked = values.iter().map(Nik::as_str);
        let found = asked.clone().map(|nik| by_key(&taken, nik));
        self.with_vacated("ktp", asked.clone(), found.collect())
            .await
    }

    /// Which jamaah has each of these e-mail addresses.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_email(&self, values: &[EmailAddress]) -> Result<Vec<Hits>, RepositoryError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(keys) = self.jamaah_keys().await? {
            let asked = values.iter().map(EmailAddress::as_str);
            let found = asked.clone().map(|email| one(keys.email.get(email)));
            return self
                .with_vacated("email", asked.clone(), found.collect())
                .await;
        }
        let asked = values.iter().map(EmailAddress::as_str);
        let taken = self.taken_text(&Column::EMAIL, asked).await?;
        let asked = values.iter().map(EmailAddress::as_str);
        let found = asked.clone().map(|email| by_key(&taken, email));
        self.with_vacated("email", asked.clone(), found.collect())
            .await
    }

    /// Which package has each name (as [`PackageName::match_key`](domain::PackageName::match_key) gives it) and departure.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_package(
        &self,
        keys: &[(String, Date)],
    ) -> Result<Vec<Hits>, RepositoryError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(names) = self.package_names().await? {
            return Ok(keys
                .iter()
                .map(|key| one(names.departures.get(key)))
                .collect());
        }
        let names = keys.iter().map(|(name, _)| name.as_str());
        let taken = self.departures_of(names).await?;
        Ok(keys.iter().map(|key| one(taken.get(key))).collect())
    }

    /// Which payment has each of these receipts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_payment(
        &self,
        keys: &[(JamaahId, ReferenceNumber)],
    ) -> Result<Vec<Hits>, RepositoryError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(known) = self.payment_keys().await? {
            return Ok(keys
                .iter()
                .map(|(jamaah, number)| known.hits(jamaah.as_uuid(), number.as_str()))
                .collect());
        }
        let taken = self.receipts_among(keys).await?;
        Ok(keys
            .iter()
            .map(|(jamaah, number)| taken.hits(jamaah.as_uuid(), number.as_str()))
            .collect())
    }

    /// What these references to packages name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn packages(&self, refs: &[PackageRef]) -> Result<Vec<Hits>, RepositoryError> {
        if refs.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(names) = self.package_names().await? {
            return Ok(refs.iter().map(|package| names.hits(package)).collect());
        }
        let ids = refs.iter().filter_map(|package| match package {
            PackageRef::Id(id) => Some(id.as_uuid()),
            PackageRef::Name(_) => None,
        });
        let names = refs.iter().filter_map(|package| match package {
            PackageRef::Name(name) => Some(name.as_str()),
            PackageRef::Id(_) => None,
        });
        let ids = self.existing_ids("packages", ids).await?;
        let names = self.ids_by_text(&Column::PACKAGE_NAME, names).await?;
        Ok(refs
            .iter()
            .map(|package| match package {
                PackageRef::Id(id) => by_id(&ids, id.as_uuid()),
                PackageRef::Name(name) => by_key(&names, name),
            })
            .collect())
    }

    /// What these references to jamaah name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn jamaah(&self, refs: &[JamaahRef]) -> Result<Vec<Hits>, RepositoryError> {
        if refs.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(names) = self.jamaah_names().await? {
            return Ok(refs.iter().map(|jamaah| names.hits(jamaah)).collect());
        }
        let ids = refs.iter().filter_map(|jamaah| match jamaah {
            JamaahRef::Id(id) => Some(id.as_uuid()),
            _ => None,
        });
        let ids = self.existing_ids("jamaah", ids).await?;
        let mut by_text = HashMap::new();
        for column in [Column::KTP, Column::EMAIL, Column::PHONE, Column::NAME] {
            let asked = refs
                .iter()
                .filter_map(|jamaah| column_of(jamaah).filter(|(of, _)| *of == column))
                .map(|(_, text)| text);
            let found = self.ids_by_text(&column, asked).await?;
            by_text.insert(column, found);
        }
        Ok(refs
            .iter()
            .map(|jamaah| match (jamaah, column_of(jamaah)) {
                (JamaahRef::Id(id), _) => by_id(&ids, id.as_uuid()),
                (_, Some((column, text))) => by_text
                    .get(&column)
                    .map_or(Hits::None, |found| by_key(found, text)),
                (_, None) => Hits::None,
            })
            .collect())
    }
}

/// The column that a natural key is looked for in, and the key.
fn column_of(jamaah: &JamaahRef) -> Option<(Column, &str)> {
    match jamaah {
        JamaahRef::Id(_) => None,
        JamaahRef::Ktp(nik) => Some((Column::KTP, nik.as_str())),
        JamaahRef::Email(email) => Some((Column::EMAIL, email.as_str())),
        JamaahRef::Phone(phone) => Some((Column::PHONE, phone.as_str())),
        JamaahRef::Name(name) => Some((Column::NAME, name)),
    }
}

fn by_id(known: &HashSet<Uuid>, id: Uuid) -> Hits {
    if known.contains(&id) {
        Hits::One(id)
    } else {
        Hits::None
    }
}

fn one(id: Option<&Uuid>) -> Hits {
    id.map_or(Hits::None, |id| Hits::One(*id))
}

fn by_key(known: &HashMap<String, Hits>, key: &str) -> Hits {
    known.get(key).copied().unwrap_or(Hits::None)
}

impl Hits {
    /// Whether there is a row.
    #[must_use]
    pub const fn are_some(self) -> bool {
        !matches!(self, Self::None)
    }

    /// With one more row, or with one that is there.
    fn and(self, id: Uuid) -> Self {
        match self {
            Self::None => Self::One(id),
            Self::One(same) if same == id => self,
            Self::One(_) => Self::Many(2),
            Self::Many(rows) => Self::Many(rows + 1),
        }
    }
}
