//! Pilgrims as a resource. All that is its own is types: the rules are in `domain`, the queries in `repositories`.

use domain::{
    Clock, FieldErrors, Jamaah, JamaahChanges, JamaahDraft, JamaahId, JamaahPatch, NewJamaah,
    Timestamp,
};
use repositories::{Database, JamaahRecords, ListQuery, Page, RepositoryError, TenantScope};
use time::Date;

use super::Resource;
use crate::ResourceKind;

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum JamaahResource {}

impl Resource for JamaahResource {
    type Id = JamaahId;
    type Record = Jamaah;
    type Draft = JamaahDraft;
    type Changes = JamaahChanges;
    type New = NewJamaah;
    type Patch = JamaahPatch;
    const KIND: ResourceKind = ResourceKind::Jamaah;

    fn mint(clock: &dyn Clock) -> JamaahId {
        JamaahId::mint(clock)
    }

    fn check(draft: JamaahDraft, today: Date) -> Result<NewJamaah, FieldErrors> {
        draft.check(today)
    }

    fn check_changes(changes: JamaahChanges, today: Date) -> Result<JamaahPatch, FieldErrors> {
        changes.check(today)
    }

    async fn list(
        database: &Database,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Jamaah>, RepositoryError> {
        JamaahRecords::new(database).list(scope, query).await
    }

    async fn find(
        database: &Database,
        scope: TenantScope,
        id: JamaahId,
    ) -> Result<Option<Jamaah>, RepositoryError> {
        JamaahRecords::new(database).find(scope, id).await
    }

    async fn insert(
        database: &Database,
        scope: TenantScope,
        id: JamaahId,
        new: NewJamaah,
        now: Timestamp,
    ) -> Result<Jamaah, RepositoryError> {
        JamaahRecords::new(database)
            .insert(scope, id, &new, now)
            .await
    }

    async fn update(
        database: &Database,
        scope: TenantScope,
        id: JamaahId,
        patch: JamaahPatch,
        now: Timestamp,
    ) -> Result<Option<Jamaah>, RepositoryError> {
        JamaahRecords::new(database)
            .update(scope, id, patch, now)
            .await
    }

    async fn delete(
        database: &Database,
        scope: TenantScope,
        id: JamaahId,
    ) -> Result<bool, RepositoryError> {
        JamaahRecords::new(database).delete(scope, id).await
    }
}
