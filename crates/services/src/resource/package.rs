//! Travel packages as a resource. All that is its own is types: the rules are in `domain`, the queries in `repositories`.

use domain::{
    Clock, FieldErrors, NewPackage, Package, PackageChanges, PackageDraft, PackageId, PackagePatch,
    Timestamp,
};
use repositories::{Database, ListQuery, Packages, Page, RepositoryError, TenantScope};
use time::Date;

use super::Resource;
use crate::ResourceKind;

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum PackageResource {}

impl Resource for PackageResource {
    type Id = PackageId;
    type Record = Package;
    type Draft = PackageDraft;
    type Changes = PackageChanges;
    type New = NewPackage;
    type Patch = PackagePatch;
    const KIND: ResourceKind = ResourceKind::Package;

    fn mint(clock: &dyn Clock) -> PackageId {
        PackageId::mint(clock)
    }

    fn check(draft: PackageDraft, _today: Date) -> Result<NewPackage, FieldErrors> {
        draft.check()
    }

    fn check_changes(changes: PackageChanges, _today: Date) -> Result<PackagePatch, FieldErrors> {
        changes.check()
    }

    async fn list(
        database: &Database,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Package>, RepositoryError> {
        Packages::new(database).list(scope, query).await
    }

    async fn find(
        database: &Database,
        scope: TenantScope,
        id: PackageId,
    ) -> Result<Option<Package>, RepositoryError> {
        Packages::new(database).find(scope, id).await
    }

    async fn insert(
        database: &Database,
        scope: TenantScope,
        id: PackageId,
        new: NewPackage,
        now: Timestamp,
    ) -> Result<Package, RepositoryError> {
        Packages::new(database).insert(scope, id, &new, now).await
    }

    async fn update(
        database: &Database,
        scope: TenantScope,
        id: PackageId,
        patch: PackagePatch,
        now: Timestamp,
    ) -> Result<Option<Package>, RepositoryError> {
        Packages::new(database).update(scope, id, patch, now).await
    }

    async fn delete(
        database: &Database,
        scope: TenantScope,
        id: PackageId,
    ) -> Result<bool, RepositoryError> {
        Packages::new(database).delete(scope, id).await
    }
}
