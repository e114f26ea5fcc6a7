//! The keys of a small tenant, fetched once. What others store afterwards is not seen here, but by the constraints.

use std::collections::{HashMap, HashSet};

use domain::{JamaahRef, Nik, PackageRef};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use time::Date;
use uuid::Uuid;

use super::{Hits, Lookups, one};
use crate::RepositoryError;

/// The packages of a tenant, by id and name.
pub(super) struct PackageNames {
    ids: HashSet<Uuid>,
    names: HashMap<String, Hits>,
    /// Those that other jobs or people made, by name and day.
    pub(super) departures: HashMap<(String, Date), Uuid>,
}

impl PackageNames {
    pub(super) fn hits(&self, package: &PackageRef) -> Hits {
        match package {
            PackageRef::Id(id) => super::by_id(&self.ids, id.as_uuid()),
            PackageRef::Name(name) => super::by_key(&self.names, name),
        }
    }
}

/// The unique keys of a tenant's jamaah.
pub(super) struct JamaahKeys {
    pub(super) ktp: HashMap<Nik, Uuid>,
    pub(super) email: HashMap<String, Uuid>,
}

/// The jamaah of a tenant by everything that a reference may say.
#[derive(Default)]
pub(super) struct JamaahNames {
    ids: HashSet<Uuid>,
    ktp: HashMap<Nik, Uuid>,
    email: HashMap<String, Uuid>,
    phone: HashMap<String, Hits>,
    name: HashMap<String, Hits>,
}

impl JamaahNames {
    pub(super) fn hits(&self, jamaah: &JamaahRef) -> Hits {
        match jamaah {
            JamaahRef::Id(id) => super::by_id(&self.ids, id.as_uuid()),
            JamaahRef::Ktp(nik) => one(self.ktp.get(nik)),
            JamaahRef::Email(email) => one(self.email.get(email.as_str())),
            JamaahRef::Phone(phone) => super::by_key(&self.phone, phone.as_str()),
            JamaahRef::Name(name) => super::by_key(&self.name, name),
        }
    }
}

/// The receipts of a tenant's payments.
#[derive(Default)]
pub(super) struct PaymentKeys(HashMap<Uuid, HashMap<String, Uuid>>);

impl PaymentKeys {
    pub(super) fn insert(&mut self, jamaah: Uuid, number: String, id: Uuid) {
        self.0.entry(jamaah).or_default().insert(number, id);
    }

    pub(super) fn hits(&self, jamaah: Uuid, number: &str) -> Hits {
        let numbers = self.0.get(&jamaah);
        one(numbers.and_then(|numbers| numbers.get(number)))
    }
}

#[derive(FromQueryResult)]
struct PackageRow {
    id: Uuid,
    nama_key: String,
    tanggal_keberangkatan: Date,
    own: bool,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: Uuid,
    ktp: Option<String>,
    email: Option<String>,
}

#[derive(FromQueryResult)]
struct JamaahRow {
    id: Uuid,
    nama_key: String,
    ktp: Option<String>,
    email: Option<String>,
    telepon: Option<String>,
}

#[derive(FromQueryResult)]
struct PaymentRow {
    id: Uuid,
    jamaah_id: Uuid,
    nomor_referensi: String,
}

/// Not of the job that asks.
pub(super) const FOREIGN: &str = "(migration_job_id IS NULL OR migration_job_id <> $2)";

impl Lookups {
    /// All rows that a statement gives, if they are not too many. Its `$1` is the tenant, `$2` the job.
    async fn all<T: FromQueryResult>(&self, sql: &str) -> Result<Option<Vec<T>>, RepositoryError> {
        if self.small == 0 {
            return Ok(None);
        }
        let values: [Value; 2] = [self.scope.uuid().into(), self.job.as_uuid().into()];
        let limited = format!("{sql} LIMIT {}", self.small.saturating_add(1));
        let reader = self.db.read(self.scope).await?;
        let rows = reader
            .query_all_raw(self.db.statement(limited, values))
            .await?;
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) > self.small {
            return Ok(None);
        }
        let rows = rows
            .iter()
            .map(|row| T::from_query_result(row, ""))
            .collect::<Result<_, _>>()?;
        Ok(Some(rows))
    }

    pub(super) async fn package_names(&self) -> Result<Option<&PackageNames>, RepositoryError> {
        let found = self.packages.get_or_try_init(async || {
            let sql = format!(
                "SELECT id, nama_key, tanggal_keberangkatan, NOT {FOREIGN} AS own FROM packages \
                 WHERE tenant_id = $1"
            );
            let Some(rows) = self.all::<PackageRow>(&sql).await? else {
                return Ok::<_, RepositoryError>(None);
            };
            let mut names = PackageNames {
                ids: HashSet::with_capacity(rows.len()),
                names: HashMap::with_capacity(rows.len()),
                departures: HashMap::with_capacity(rows.len()),
            };
            for row in rows {
                names.ids.insert(row.id);
                if !row.own {
                    let key = (row.nama_key.clone(), row.tanggal_keberangkatan);
                    names.departures.insert(key, row.id);
                }
                let hits = names.names.entry(row.nama_key).or_insert(Hits::None);
                *hits = hits.and(row.id);
            }
            Ok(Some(names))
        });
        Ok(found.await?.as_ref())
    }

    pub(super) async fn jamaah_keys(&self) -> Result<Option<&JamaahKeys>, RepositoryError> {
        let found = self.jamaah_keys.get_or_try_init(async || {
            let sql = format!(
                "SELECT id, ktp, lower(email) AS email FROM jamaah WHERE tenant_id = $1 AND {FOREIGN}"
            );
            let Some(rows) = self.all::<KeyRow>(&sql).await? else {
                return Ok::<_, RepositoryError>(None);
            };
            let mut keys = JamaahKeys {
                ktp: HashMap::with_capacity(rows.len()),
                email: HashMap::with_capacity(rows.len()),
            };
            for row in rows {
                keys.ktp.extend(nik(row.ktp).map(|nik| (nik, row.id)));
                keys.email.extend(row.email.map(|email| (email, row.id)));
            }
            Ok(Some(keys))
        });
        Ok(found.await?.as_ref())
    }

    pub(super) async fn jamaah_names(&self) -> Result<Option<&JamaahNames>, RepositoryError> {
        let found = self.jamaah_names.get_or_try_init(async || {
            let sql = "SELECT id, nama_key, ktp, lower(email) AS email, telepon FROM jamaah \
                WHERE tenant_id = $1 AND $2 IS NOT NULL";
            let Some(rows) = self.all::<JamaahRow>(sql).await? else {
                return Ok::<_, RepositoryError>(None);
            };
            let mut names = JamaahNames::default();
            for row in rows {
                names.ids.insert(row.id);
                names.ktp.extend(nik(row.ktp).map(|nik| (nik, row.id)));
                names.email.extend(row.email.map(|email| (email, row.id)));
                if let Some(phone) = row.telepon {
                    let hits = names.phone.entry(phone).or_insert(Hits::None);
                    *hits = hits.and(row.id);
                }
                let hits = names.name.entry(row.nama_key).or_insert(Hits::None);
                *hits = hits.and(row.id);
            }
            Ok(Some(names))
        });
        Ok(found.await?.as_ref())
    }

    pub(super) async fn payment_keys(&self) -> Result<Option<&PaymentKeys>, RepositoryError> {
        let found = self.payment_keys.get_or_try_init(async || {
            let sql = format!(
                "SELECT id, jamaah_id, nomor_referensi FROM payments \
                 WHERE tenant_id = $1 AND nomor_referensi IS NOT NULL AND {FOREIGN}"
            );
            let Some(rows) = self.all::<PaymentRow>(&sql).await? else {
                return Ok::<_, RepositoryError>(None);
            };
            let mut keys = PaymentKeys::default();
            for row in rows {
                keys.insert(row.jamaah_id, row.nomor_referensi, row.id);
            }
            Ok(Some(keys))
        });
        Ok(found.await?.as_ref())
    }
}

fn nik(text: Option<String>) -> Option<Nik> {
    text.and_then(|text| Nik::parse(&text).ok())
}
