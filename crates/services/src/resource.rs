//! Finds, lists, creates, changes and deletes packages, jamaah and payments by one generic mechanism. Users, who have
//! passwords and sessions, have their own module.

mod user;
pub(crate) mod user_check;

use std::sync::Arc;

use auth::{Actor, ManageResources};
use domain::{Input, Stored};
use repositories::{ListQuery, Page, Records, Table};

use crate::{Context, ServiceError, Sessions};

pub use user::{UserDraft, Users};
pub(crate) use user_check::{USERNAME_FORM, is_username};

/// The most items of a page of any list, as published.
pub const LARGEST_PAGE: u64 = 100;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct ListPage<T> {
    /// The records.
    pub items: Vec<T>,
    /// Records in the whole list.
    pub total: u64,
    /// As requested.
    pub limit: u64,
    /// As requested.
    pub offset: u64,
}

impl<T> ListPage<T> {
    fn of(page: Page<T>, query: &ListQuery) -> Self {
        Self {
            items: page.items,
            total: page.total,
            limit: query.limit,
            offset: query.offset,
        }
    }

    /// Whether more records follow this page.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.total > self.offset.saturating_add(self.limit)
    }
}

/// The use cases of one kind of record. Cheap to clone.
#[derive(Clone)]
pub struct Resources<T> {
    context: Arc<Context>,
    sessions: Sessions,
    records: Records<T>,
}

impl<T: Table> Resources<T> {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            records: Records::new(&context.database),
        }
    }

    /// A page of the records.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageResources>,
        query: &ListQuery,
    ) -> Result<ListPage<Stored<T::Id, T>>, ServiceError> {
        check_page(query)?;
        let page = self.records.list(actor.tenant_id().into(), query).await?;
        Ok(ListPage::of(page, query))
    }

    /// One record.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn find(
        &self,
        actor: &Actor<ManageResources>,
        id: T::Id,
    ) -> Result<Stored<T::Id, T>, ServiceError> {
        let found = self.records.find(actor.tenant_id().into(), id).await?;
        found.ok_or(ServiceError::NotFound(T::LABEL))
    }

    /// Creates a record.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] or a failure.
    pub async fn create(
        &self,
        actor: &Actor<ManageResources>,
        input: T::Input,
    ) -> Result<Stored<T::Id, T>, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let clock = &*self.context.clock;
        let now = clock.now();
        let new = input.check(None, now.jakarta_date())?;
        let id = T::Id::from(clock.mint_uuid());
        let scope = actor.tenant_id().into();
        let record = self.records.insert(scope, id, &new, now).await?;
        tracing::info!(table = T::NAME, %id, user.id = %actor.user_id(), "created a record");
        Ok(record)
    }

    /// Changes the fields that are given.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageResources>,
        id: T::Id,
        change: T::Input,
    ) -> Result<Stored<T::Id, T>, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let (scope, now) = (actor.tenant_id().into(), self.context.clock.now());
        let record = self.records.update(scope, id, change, now).await?;
        let record = record.ok_or(ServiceError::NotFound(T::LABEL))?;
        tracing::info!(table = T::NAME, %id, user.id = %actor.user_id(), "changed a record");
        Ok(record)
    }

    /// Deletes a record.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InUse`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageResources>,
        id: T::Id,
    ) -> Result<(), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        if !self.records.delete(actor.tenant_id().into(), id).await? {
            return Err(ServiceError::NotFound(T::LABEL));
        }
        tracing::info!(table = T::NAME, %id, user.id = %actor.user_id(), "deleted a record");
        Ok(())
    }
}

/// The bounds of every list.
fn check_page(query: &ListQuery) -> Result<(), ServiceError> {
    check_limit(query.limit)?;
    if i64::try_from(query.offset).is_err() {
        return Err(ServiceError::InvalidQuery {
            message: "Parameter 'offset' terlalu besar".to_owned(),
        });
    }
    Ok(())
}

/// The bounds of every page.
pub(crate) fn check_limit(limit: u64) -> Result<(), ServiceError> {
    if (1..=LARGEST_PAGE).contains(&limit) {
        return Ok(());
    }
    Err(ServiceError::InvalidQuery {
        message: format!("Parameter 'limit' harus antara 1 dan {LARGEST_PAGE}"),
    })
}
