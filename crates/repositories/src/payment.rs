//! Payments of tenants' jamaah.

use domain::{
    JamaahId, NewPayment, Notes, Payment, PaymentId, PaymentPatch, ReferenceNumber, Rupiah,
    TenantId, Timestamp,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope,
    entity::payment::{ActiveModel, Column, Entity, Model},
    list::Field,
    resource::{self, Resource, origin, stored, stored_option},
    stamp::Stamp,
};

/// The payments that tenants received.
#[derive(Debug, Clone)]
pub struct Payments {
    db: Database,
}

impl Payments {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// One payment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: PaymentId,
    ) -> Result<Option<Payment>, RepositoryError> {
        resource::find::<PaymentTable>(&self.db, scope, id.as_uuid()).await
    }

    /// A page.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that there is not.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Payment>, RepositoryError> {
        resource::list::<PaymentTable>(&self.db, scope, query).await
    }

    /// Stores a new payment.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when the jamaah has the reference number already, [`RepositoryError::MissingReference`] without
    /// the jamaah.
    pub async fn insert(
        &self,
        scope: TenantScope,
        id: PaymentId,
        fields: &NewPayment,
        now: Timestamp,
    ) -> Result<Payment, RepositoryError> {
        resource::insert::<PaymentTable>(&self.db, scope, id.as_uuid(), fields, now).await
    }

    /// Changes a payment and counts its version up; a patch that changes nothing leaves both alone. `None`: there is none.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub async fn update(
        &self,
        scope: TenantScope,
        id: PaymentId,
        patch: PaymentPatch,
        now: Timestamp,
    ) -> Result<Option<Payment>, RepositoryError> {
        let apply = |fields: &mut NewPayment| patch.clone().apply(fields);
        resource::update::<PaymentTable>(&self.db, scope, id.as_uuid(), apply, now).await
    }

    /// Deletes a payment; whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete(&self, scope: TenantScope, id: PaymentId) -> Result<bool, RepositoryError> {
        resource::delete::<PaymentTable>(&self.db, scope, id.as_uuid()).await
    }
}

struct PaymentTable;

impl Resource for PaymentTable {
    type Entity = Entity;
    type Row = Model;
    type Change = ActiveModel;
    type Record = Payment;
    type Fields = NewPayment;

    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    const LIST: &'static [Field] = &[
        Field::uuid("payments", "id"),
        Field::uuid("payments", "jamaah_id"),
        Field::number("payments", "jumlah"),
        Field::date("payments", "tanggal_bayar"),
        Field::text("payments", "metode_pembayaran"),
        Field::searched("payments", "nomor_referensi"),
        Field::searched("payments", "catatan"),
        Field::moment("payments", "created_at"),
        Field::moment("payments", "updated_at"),
        Field::uuid("payments", "migration_job_id"),
    ];
    const REFERENCE: &'static str = "jamaah_id";

    fn new_row(scope: TenantScope, id: Uuid, fields: &NewPayment, now: Stamp) -> ActiveModel {
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

    fn changed_row(row: Model, fields: &NewPayment, now: Stamp) -> ActiveModel {
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

    fn record(row: Model) -> Result<Payment, RepositoryError> {
        let (migration_job_id, import_row_number) =
            origin(row.migration_job_id, row.import_row_number);
        Ok(Payment {
            id: PaymentId::from_uuid(row.id),
            tenant_id: TenantId::from_uuid(row.tenant_id),
            fields: NewPayment {
                jamaah_id: JamaahId::from_uuid(row.jamaah_id),
                jumlah: stored("jumlah", Rupiah::new(row.jumlah))?,
                tanggal_bayar: row.tanggal_bayar,
                metode_pembayaran: stored("metode_pembayaran", row.metode_pembayaran.parse())?,
                nomor_referensi: stored_option(
                    "nomor_referensi",
                    row.nomor_referensi,
                    ReferenceNumber::parse,
                )?,
                catatan: stored_option("catatan", row.catatan, Notes::parse)?,
            },
            version: i64::from(row.version),
            migration_job_id,
            import_row_number,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }

    fn fields(record: &Payment) -> &NewPayment {
        &record.fields
    }
}

/// The columns that callers write.
fn written(fields: &NewPayment) -> ActiveModel {
    ActiveModel {
        jamaah_id: Set(fields.jamaah_id.as_uuid()),
        jumlah: Set(fields.jumlah.get()),
        tanggal_bayar: Set(fields.tanggal_bayar),
        metode_pembayaran: Set(fields.metode_pembayaran.to_string()),
        nomor_referensi: Set(fields.nomor_referensi.as_ref().map(ToString::to_string)),
        catatan: Set(fields.catatan.as_ref().map(ToString::to_string)),
        ..Default::default()
    }
}
