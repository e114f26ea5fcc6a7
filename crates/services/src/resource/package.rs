//! Travel packages as a resource.

use domain::{Package, PackageChanges, PackageDraft, PackageId};

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
    const KIND: ResourceKind = ResourceKind::Package;
}
