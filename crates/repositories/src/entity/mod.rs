//! The tables as SeaORM sees them. They never leave this crate: callers see the records of `domain`.
#![expect(
    unreachable_pub,
    reason = "SeaORM's derives make public items, more than are used; the columns are described in the migrations"
)]

pub(crate) mod activity;
pub(crate) mod api_key;
pub(crate) mod idempotency_key;
pub(crate) mod login_attempt;
pub(crate) mod migration_error;
pub(crate) mod migration_job;
pub(crate) mod migration_row;
pub(crate) mod rate_budget;
pub(crate) mod refresh_token;
pub(crate) mod storage_mark;
pub(crate) mod tenant;
pub(crate) mod user;
pub(crate) mod user_profile;
pub(crate) mod webhook;
pub(crate) mod webhook_delivery;
