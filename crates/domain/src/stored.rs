//! What every record of a tenant has in common: checked fields, and the identity and history that storing adds to them. A
//! kind of record is described by its fields; everything generic over records starts here.

use std::fmt::Display;

use uuid::Uuid;

use crate::{Input, JobId, TenantId, Timestamp};

/// The checked fields of one kind of record.
pub trait Fields: Clone + PartialEq + Send + Sync + 'static {
    /// The id of a stored record.
    type Id: Copy + Display + From<Uuid> + Into<Uuid> + Send + Sync;
    /// The same fields as a request gives them.
    type Input: Input<New = Self>;
    /// What users call such a record at the beginning of a sentence.
    const LABEL: &'static str;
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<Id, Fields> {
    /// The id.
    pub id: Id,
    /// The tenant that owns the record.
    pub tenant_id: TenantId,
    /// Its fields.
    pub fields: Fields,
    /// Counts changes, from 1.
    pub version: i64,
    /// The job that imported the record; `None` if it was created by hand or its job was deleted.
    pub migration_job_id: Option<JobId>,
    /// The spreadsheet row it was imported from.
    pub import_row_number: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
