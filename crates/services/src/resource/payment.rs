//! Payments of pilgrims as a resource. All that is its own is types: the rules are in `domain`, the queries in `repositories`.

use domain::{
    Clock, FieldErrors, NewPayment, Payment, PaymentChanges, PaymentDraft, PaymentId, PaymentPatch,
    Timestamp,
};
use repositories::{Database, ListQuery, Page, Payments, RepositoryError, TenantScope};
use time::Date;

use super::Resource;
use crate::ResourceKind;

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum PaymentResource {}

impl Resource for PaymentResource {
    type Id = PaymentId;
    type Record = Payment;
    type Draft = PaymentDraft;
    type Changes = PaymentChanges;
    type New = NewPayment;
    type Patch = PaymentPatch;
    const KIND: ResourceKind = ResourceKind::Payment;

    fn mint(clock: &dyn Clock) -> PaymentId {
        PaymentId::mint(clock)
    }

    fn check(draft: PaymentDraft, _today: Date) -> Result<NewPayment, FieldErrors> {
        draft.check()
    }

    fn check_changes(changes: PaymentChanges, _today: Date) -> Result<PaymentPatch, FieldErrors> {
        changes.check()
    }

    async fn list(
        database: &Database,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Payment>, RepositoryError> {
        Payments::new(database).list(scope, query).await
    }

    async fn find(
        database: &Database,
        scope: TenantScope,
        id: PaymentId,
    ) -> Result<Option<Payment>, RepositoryError> {
        Payments::new(database).find(scope, id).await
    }

    async fn insert(
        database: &Database,
        scope: TenantScope,
        id: PaymentId,
        new: NewPayment,
        now: Timestamp,
    ) -> Result<Payment, RepositoryError> {
        Payments::new(database).insert(scope, id, &new, now).await
    }

    async fn update(
        database: &Database,
        scope: TenantScope,
        id: PaymentId,
        patch: PaymentPatch,
        now: Timestamp,
    ) -> Result<Option<Payment>, RepositoryError> {
        Payments::new(database).update(scope, id, patch, now).await
    }

    async fn delete(
        database: &Database,
        scope: TenantScope,
        id: PaymentId,
    ) -> Result<bool, RepositoryError> {
        Payments::new(database).delete(scope, id).await
    }
}
