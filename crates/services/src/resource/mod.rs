//! Packages, jamaah, payments: create, read, change, delete through one generic mechanism; users beside it.

mod jamaah;
mod package;
mod payment;
mod user;
mod user_check;

use std::{fmt::Display, future::Future, marker::PhantomData, sync::Arc};

use auth::{Actor, ManageResources};
use domain::{Clock, FieldErrors, Timestamp};
use repositories::{Database, ListQuery, Page, RepositoryError, TenantScope};
use time::Date;

use crate::{Context, ResourceKind, ServiceError, Sessions};

pub use jamaah::JamaahResource;
pub use package::PackageResource;
pub use payment::PaymentResource;
pub use user::{UserDraft, Users};
pub(crate) use user_check::{USERNAME_FORM, is_username};

/// Records of a window at most, as documented.
const LARGEST_PAGE: u64 = 100;

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
    fn of(page: Page<T>, query: &ListQuery) -> Self {
        Self {
            items: page.items,
            total: page.total,
            limit: query.limit,
            offset: query.offset,
        }
    }

    /// Whether records follow.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.total > self.offset.saturating_add(self.limit)
    }
}

/// What the generic use cases need to know of a resource: its types, its checks and its rows.
pub trait Resource: Send + Sync + 'static {
    /// Its identifier.
    type Id: Copy + Display + Send + Sync;
    /// The record as it is.
    type Record: Send;
    /// What a client sends for a new record, unchecked.
    type Draft: Send;
    /// What a client sends to change one, unchecked.
    type Changes: Send;
    /// A checked draft.
    type New: Send;
    /// Checked changes.
    type Patch: Send;
    /// Its name in messages.
    const KIND: ResourceKind;

    /// A new identifier.
    fn mint(clock: &dyn Clock) -> Self::Id;

    /// Checks a draft; `today` is the day in Jakarta.
    ///
    /// # Errors
    /// All that is wrong, at once.
    fn check(draft: Self::Draft, today: Date) -> Result<Self::New, FieldErrors>;

    /// Checks changes; `today` is the day in Jakarta.
    ///
    /// # Errors
    /// All that is wrong, at once.
    fn check_changes(changes: Self::Changes, today: Date) -> Result<Self::Patch, FieldErrors>;

    /// A page of the records of a tenant.
    fn list(
        database: &Database,
        scope: TenantScope,
        query: &ListQuery,
    ) -> impl Future<Output = Result<Page<Self::Record>, RepositoryError>> + Send;

    /// One record of a tenant.
    fn find(
        database: &Database,
        scope: TenantScope,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self::Record>, RepositoryError>> + Send;

    /// Stores a record.
    fn insert(
        database: &Database,
        scope: TenantScope,
        id: Self::Id,
        new: Self::New,
        now: Timestamp,
    ) -> impl Future<Output = Result<Self::Record, RepositoryError>> + Send;

    /// Changes a record.
    fn update(
        database: &Database,
        scope: TenantScope,
        id: Self::Id,
        patch: Self::Patch,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Self::Record>, RepositoryError>> + Send;

    /// Removes a record; whether there was one.
    fn delete(
        database: &Database,
        scope: TenantScope,
        id: Self::Id,
    ) -> impl Future<Output = Result<bool, RepositoryError>> + Send;
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

impl<R: Resource> Resources<R> {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            resource: PhantomData,
        }
    }

    /// A window of the listing.
    ///
    /// # Errors
    /// [`ServiceError::InvalidQuery`] or a failure.
    pub async fn list(
        &self,
        actor: &Actor<ManageResources>,
        query: &ListQuery,
    ) -> Result<ListPage<R::Record>, ServiceError> {
        check_window(query)?;
        let page = R::list(&self.context.database, actor.tenant_id().into(), query).await?;
        Ok(ListPage::of(page, query))
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
        R::find(&self.context.database, actor.tenant_id().into(), id)
            .await?
            .ok_or(ServiceError::NotFound(R::KIND))
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
        self.sessions.ensure_alive(&actor.identity()).await?;
        let Context {
            database, clock, ..
        } = &*self.context;
        let now = clock.now();
        let new = R::check(draft, now.jakarta_date())?;
        let id = R::mint(&**clock);
        let record = R::insert(database, actor.tenant_id().into(), id, new, now).await?;
        tracing::info!(kind = ?R::KIND, %id, user.id = %actor.user_id(), "created a record");
        Ok(record)
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
        self.sessions.ensure_alive(&actor.identity()).await?;
        // Before the body: what does not exist is 404 whatever is asked of it.
        self.find(actor, id).await?;
        let Context {
            database, clock, ..
        } = &*self.context;
        let now = clock.now();
        let patch = R::check_changes(changes, now.jakarta_date())?;
        let record = R::update(database, actor.tenant_id().into(), id, patch, now)
            .await?
            .ok_or(ServiceError::NotFound(R::KIND))?;
        tracing::info!(kind = ?R::KIND, %id, user.id = %actor.user_id(), "changed a record");
        Ok(record)
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
        self.sessions.ensure_alive(&actor.identity()).await?;
        if !R::delete(&self.context.database, actor.tenant_id().into(), id).await? {
            return Err(ServiceError::NotFound(R::KIND));
        }
        tracing::info!(kind = ?R::KIND, %id, user.id = %actor.user_id(), "deleted a record");
        Ok(())
    }
}

/// What every listing takes.
fn check_window(query: &ListQuery) -> Result<(), ServiceError> {
    let invalid = |message: &str| {
        Err(ServiceError::InvalidQuery {
            message: message.to_owned(),
        })
    };
    if !(1..=LARGEST_PAGE).contains(&query.limit) {
        return invalid("Parameter 'limit' harus antara 1 dan 100");
    }
    if i64::try_from(query.offset).is_err() {
        return invalid("Parameter 'offset' terlalu besar");
    }
    Ok(())
}
