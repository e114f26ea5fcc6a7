//! Pilgrims as a resource.

use domain::{Jamaah, JamaahChanges, JamaahDraft, JamaahId};

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
    const KIND: ResourceKind = ResourceKind::Jamaah;
}
