//! Packages of tenants.

use domain::{
    Capacity, Description, DurationDays, NewPackage, Package, PackageId, PackageName, PackagePatch,
    Rupiah, TenantId, Timestamp,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope,
    entity::package::{ActiveModel, Column, Entity, Model},
    list::Field,
    resource::{self, Resource, origin, stored, stored_option},
    stamp::Stamp,
};

/// The packages that tenants sell.
#[derive(Debug, Clone)]
pub struct Packages {
    db: Database,
}

impl Packages {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// One package.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: PackageId,
    ) -> Result<Option<Package>, RepositoryError> {
        resource::find::<PackageTable>(&self.db, scope, id.as_uuid()).await
    }

    /// A page.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that there is not.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Package>, RepositoryError> {
        resource::list::<PackageTable>(&self.db, scope, query).await
    }

    /// Stores a new package.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when name and departure are taken.
    pub async fn insert(
        &self,
        scope: TenantScope,
        id: PackageId,
        fields: &NewPackage,
        now: Timestamp,
    ) -> Result<Package, RepositoryError> {
        resource::insert::<PackageTable>(&self.db, scope, id.as_uuid(), fields, now).await
    }

    /// Changes a package and counts its version up; a patch that changes nothing leaves both alone. `None`: there is none.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub async fn update(
        &self,
        scope: TenantScope,
        id: PackageId,
        patch: PackagePatch,
        now: Timestamp,
    ) -> Result<Option<Package>, RepositoryError> {
        let apply = |fields: &mut NewPackage| patch.clone().apply(fields);
        resource::update::<PackageTable>(&self.db, scope, id.as_uuid(), apply, now).await
    }

    /// Deletes a package; whether there was one.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while jamaah are on it.
    pub async fn delete(&self, scope: TenantScope, id: PackageId) -> Result<bool, RepositoryError> {
        resource::delete::<PackageTable>(&self.db, scope, id.as_uuid()).await
    }
}

struct PackageTable;

impl Resource for PackageTable {
    type Entity = Entity;
    type Row = Model;
    type Change = ActiveModel;
    type Record = Package;
    type Fields = NewPackage;

    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    const LIST: &'static [Field] = &[
        Field::uuid("packages", "id"),
        Field::searched("packages", "nama"),
        Field::searched("packages", "deskripsi"),
        Field::number("packages", "durasi_hari"),
        Field::number("packages", "harga_retail"),
        Field::number("packages", "harga_wholesale"),
        Field::date("packages", "tanggal_keberangkatan"),
        Field::number("packages", "kapasitas"),
        Field::text("packages", "status"),
        Field::moment("packages", "created_at"),
        Field::moment("packages", "updated_at"),
        Field::uuid("packages", "migration_job_id"),
    ];
    const REFERENCE: &'static str = "";

    fn new_row(scope: TenantScope, id: Uuid, fields: &NewPackage, now: Stamp) -> ActiveModel {
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

    fn changed_row(row: Model, fields: &NewPackage, now: Stamp) -> ActiveModel {
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

    fn record(row: Model) -> Result<Package, RepositoryError> {
        let (migration_job_id, import_row_number) =
            origin(row.migration_job_id, row.import_row_number);
        Ok(Package {
            id: PackageId::from_uuid(row.id),
            tenant_id: TenantId::from_uuid(row.tenant_id),
            fields: NewPackage {
                nama: stored("nama", PackageName::parse(&row.nama))?,
                deskripsi: stored_option("deskripsi", row.deskripsi, Description::parse)?,
                durasi_hari: stored("durasi_hari", DurationDays::new(row.durasi_hari.into()))?,
                harga_retail: stored("harga_retail", Rupiah::new(row.harga_retail))?,
                harga_wholesale: stored(
                    "harga_wholesale",
                    row.harga_wholesale.map(Rupiah::new).transpose(),
                )?,
                tanggal_keberangkatan: row.tanggal_keberangkatan,
                kapasitas: stored("kapasitas", Capacity::new(row.kapasitas.into()))?,
                status: stored("status", row.status.parse())?,
            },
            version: i64::from(row.version),
            migration_job_id,
            import_row_number,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }

    fn fields(record: &Package) -> &NewPackage {
        &record.fields
    }
}

/// The columns that callers write.
fn written(fields: &NewPackage) -> ActiveModel {
    ActiveModel {
        nama: Set(fields.nama.to_string()),
        nama_key: Set(fields.nama.match_key()),
        deskripsi: Set(fields.deskripsi.as_ref().map(ToString::to_string)),
        durasi_hari: Set(fields.durasi_hari.get()),
        harga_retail: Set(fields.harga_retail.get()),
        harga_wholesale: Set(fields.harga_wholesale.map(Rupiah::get)),
        tanggal_keberangkatan: Set(fields.tanggal_keberangkatan),
        kapasitas: Set(fields.kapasitas.get()),
        status: Set(fields.status.to_string()),
        ..Default::default()
    }
}
