//! Packages, jamaah, payments: create, read, change, delete through one generic mechanism; users beside it.

mod jamaah;
mod package;
mod payment;
mod user;

use std::{marker::PhantomData, sync::Arc};

use auth::{Actor, ManageResources};

use repositories::ListQuery;

use crate::{Context, ResourceKind, ServiceError, Sessions};

pub use jamaah::JamaahResource;
pub use package::PackageResource;
pub use payment::PaymentResource;
pub use user::{UserDraft, Users};

/// One window of a listing.
#[derive(Debug, Clone)]
pub struct ListPage<T> {
    /// The records.
    pub items: Vec<T>,
    /// Records of the whole listing.
    pub total: u64,
    /// As asked.
    pub limit: u64,
    /// As asked.
    pub offset: u64,
}

impl<T> ListPage<T> {
    /// Whether records follow.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.total > self.offset + self.limit
    }
}

/// What the generic use cases need to know of a resource.
pub trait Resource: Send + Sync + 'static {
    /// Its identifier.
    type Id: Copy + Send + Sync;
    /// The record as it is.
    type Record: Send;
    /// What a client sends for a new record, unchecked.
    type Draft: Send;
    /// What a client sends to change one, unchecked.
    type Changes: Send;
    /// Its name in messages.
    const KIND: ResourceKind;
}

/// The use cases of one resource. Cheap to clone.
pub struct Resources<R> {
    context: Arc<Context>,
    sessions: Sessions,
    resource: PhantomData<fn() -> R>,
}

impl<R> Clone for Resources<R> {
    fn clone(&self) -> Self {
        Self {
            context: Arc::clone(&self.context),
            sessions: self.sessions.clone(),
            resource: PhantomData,
        }
    }
}

impl<R> Resources<R> {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            resource: PhantomData,
        }
    }
}

impl<R: Resource> Resources<R> {
    /// A window of the listing.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageResources>,
        query: &ListQuery,
    ) -> Result<ListPage<R::Record>, ServiceError> {
        unimplemented!()
    }

    /// One record.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn find(
        &self,
        actor: &Actor<ManageResources>,
        id: R::Id,
    ) -> Result<R::Record, ServiceError> {
        unimplemented!()
    }

    /// A new record.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] or a failure.
    pub async fn create(
        &self,
        actor: &Actor<ManageResources>,
        draft: R::Draft,
    ) -> Result<R::Record, ServiceError> {
        unimplemented!()
    }

    /// Changes the fields that are given.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageResources>,
        id: R::Id,
        changes: R::Changes,
    ) -> Result<R::Record, ServiceError> {
        unimplemented!()
    }

    /// Removes a record.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InUse`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageResources>,
        id: R::Id,
    ) -> Result<(), ServiceError> {
        unimplemented!()
    }
}
