//! Jamaah of tenants.

use domain::{
    Address, EmailAddress, Jamaah, JamaahId, JamaahPatch, NewJamaah, Nik, Notes, PackageId,
    PersonName, PhoneNumber, TenantId, Timestamp,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope,
    entity::jamaah::{ActiveModel, Column, Entity, Model},
    list::Field,
    resource::{self, Resource, origin, stored, stored_option},
    stamp::Stamp,
};

/// The pilgrims of tenants.
#[derive(Debug, Clone)]
pub struct JamaahRecords {
    db: Database,
}

impl JamaahRecords {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// One jamaah.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: JamaahId,
    ) -> Result<Option<Jamaah>, RepositoryError> {
        resource::find::<JamaahTable>(&self.db, scope, id.as_uuid()).await
    }

    /// A page.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that there is not.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Jamaah>, RepositoryError> {
        resource::list::<JamaahTable>(&self.db, scope, query).await
    }

    /// Stores a new jamaah.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when NIK or e-mail address are taken, [`RepositoryError::MissingReference`] without the package.
    pub async fn insert(
        &self,
        scope: TenantScope,
        id: JamaahId,
        fields: &NewJamaah,
        now: Timestamp,
    ) -> Result<Jamaah, RepositoryError> {
        resource::insert::<JamaahTable>(&self.db, scope, id.as_uuid(), fields, now).await
    }

    /// Changes a jamaah and counts its version up; a patch that changes nothing leaves both alone. `None`: there is none.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub async fn update(
        &self,
        scope: TenantScope,
        id: JamaahId,
        patch: JamaahPatch,
        now: Timestamp,
    ) -> Result<Option<Jamaah>, RepositoryError> {
        let apply = |fields: &mut NewJamaah| patch.clone().apply(fields);
        resource::update::<JamaahTable>(&self.db, scope, id.as_uuid(), apply, now).await
    }

    /// Deletes a jamaah; whether there was one.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while there are payments.
    pub async fn delete(&self, scope: TenantScope, id: JamaahId) -> Result<bool, RepositoryError> {
        resource::delete::<JamaahTable>(&self.db, scope, id.as_uuid()).await
    }
}

struct JamaahTable;

impl Resource for JamaahTable {
    type Entity = Entity;
    type Row = Model;
    type Change = ActiveModel;
    type Record = Jamaah;
    type Fields = NewJamaah;

    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    const LIST: &'static [Field] = &[
        Field::uuid("jamaah", "id"),
        Field::searched("jamaah", "nama"),
        Field::searched("jamaah", "email"),
        Field::searched("jamaah", "telepon"),
        Field::searched("jamaah", "alamat"),
        Field::searched("jamaah", "ktp"),
        Field::date("jamaah", "tanggal_lahir"),
        Field::text("jamaah", "jenis_kelamin"),
        Field::uuid("jamaah", "paket_id"),
        Field::text("jamaah", "status"),
        Field::moment("jamaah", "created_at"),
        Field::moment("jamaah", "updated_at"),
        Field::uuid("jamaah", "migration_job_id"),
    ];
    const REFERENCE: &'static str = "paket_id";

    fn new_row(scope: TenantScope, id: Uuid, fields: &NewJamaah, now: Stamp) -> ActiveModel {
        ActiveModel {
            tenant_id: Set(scope.uuid()),
            id: Set(id),
            version: Set(1),
            migration_job_id: Set(None),
            import_row_number: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            ..written(fields)
        }
    }

    fn changed_row(row: Model, fields: &NewJamaah, now: Stamp) -> ActiveModel {
        let version = row.version.saturating_add(1);
        let row = row.into_active_model();
        ActiveModel {
            tenant_id: row.tenant_id,
            id: row.id,
            version: Set(version),
            updated_at: Set(now),
            ..written(fields)
        }
    }

    fn record(row: Model) -> Result<Jamaah, RepositoryError> {
        let (migration_job_id, import_row_number) =
            origin(row.migration_job_id, row.import_row_number);
        Ok(Jamaah {
            id: JamaahId::from_uuid(row.id),
            tenant_id: TenantId::from_uuid(row.tenant_id),
            fields: NewJamaah {
                nama: stored("nama", PersonName::parse(&row.nama))?,
                email: stored_option("email", row.email, EmailAddress::parse)?,
                telepon: stored_option("telepon", row.telepon, PhoneNumber::parse)?,
                alamat: stored_option("alamat", row.alamat, Address::parse)?,
                ktp: stored_option("ktp", row.ktp, Nik::parse)?,
                tanggal_lahir: row.tanggal_lahir,
                jenis_kelamin: stored_option("jenis_kelamin", row.jenis_kelamin, str::parse)?,
                paket_id: PackageId::from_uuid(row.paket_id),
                status: stored("status", row.status.parse())?,
                catatan: stored_option("catatan", row.catatan, Notes::parse)?,
            },
            version: i64::from(row.version),
            migration_job_id,
            import_row_number,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }

    fn fields(record: &Jamaah) -> &NewJamaah {
        &record.fields
    }
}

/// The columns that callers write.
fn written(fields: &NewJamaah) -> ActiveModel {
    ActiveModel {
        nama: Set(fields.nama.to_string()),
        nama_key: Set(fields.nama.match_key()),
        email: Set(fields.email.as_ref().map(ToString::to_string)),
        telepon: Set(fields.telepon.map(|phone| phone.as_str().to_owned())),
        alamat: Set(fields.alamat.as_ref().map(ToString::to_string)),
        ktp: Set(fields.ktp.map(|nik| nik.as_str().to_owned())),
        tanggal_lahir: Set(fields.tanggal_lahir),
        jenis_kelamin: Set(fields.jenis_kelamin.map(|gender| gender.to_string())),
        paket_id: Set(fields.paket_id.as_uuid()),
        status: Set(fields.status.to_string()),
        catatan: Set(fields.catatan.as_ref().map(ToString::to_string)),
        ..Default::default()
    }
}
