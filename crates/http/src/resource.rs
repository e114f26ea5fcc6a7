//! The handlers that packages, jamaah and payments share, and the listing that users share too. It is independent of their fields.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Json;
use auth::{Actor, ManageResources};
use domain::Stored;
use serde::Serialize;
use services::{Filter, ListPage, ListQuery, Resources, SortKey, Table};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::body::JsonBody;
use crate::error::ApiError;
use crate::query::{Query, invalid};
use crate::session::{Message, message};

/// Filters and sort keys of one listing.
const MOST_KEYS: usize = 20;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListBody<T> {
    items: Vec<T>,
    /// Records in the whole list.
    #[schema(example = 25)]
    total: u64,
    #[schema(example = 20)]
    limit: u64,
    #[schema(example = 0)]
    offset: u64,
    /// Whether more records follow this page.
    has_more: bool,
}

/// The parameters that every list has besides its filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a schema: `list_query` reads the parameters")]
pub(crate) struct ListParams {
    /// `field:asc` or `field:desc`, comma-separated.
    #[param(example = "id:desc")]
    sort: Option<String>,
    /// Text that one of the text fields contains.
    search: Option<String>,
    /// Records of a page; default 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
    /// Records before the page; default 0.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    offset: Option<u64>,
}

/// Declares the schema of changes of a record: the fields of a new one, none of them required. A field with a default is
/// listed, because it cannot be cleared although a new record may go without it.
macro_rules! changes {
    ($(#[doc = $doc:literal])+ $name:ident of $new:ident, defaults: $defaults:expr) => {
        $(#[doc = $doc])+
        pub(crate) enum $name {}

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::resource::optional::<$new>(concat!($($doc),+), &$defaults)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use changes;

/// The schema of `New` with no field required and without null for those that have a default.
pub(crate) fn optional<New: ToSchema>(doc: &str, defaults: &[&str]) -> RefOr<Schema> {
    let mut schema = New::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = Some(doc.trim().to_owned());
        object.required.clear();
        for field in defaults {
            // `oneOf`: the words of the field, and null.
            if let Some(RefOr::T(Schema::OneOf(words_or_null))) = object.properties.get(*field)
                && let Some(words) = words_or_null.items.first().cloned()
            {
                object.properties.insert((*field).to_owned(), words);
            }
        }
    }
    schema
}

impl<T, U: From<T>> From<ListPage<T>> for ListBody<U> {
    fn from(page: ListPage<T>) -> Self {
        Self {
            has_more: page.has_more(),
            total: page.total,
            limit: page.limit,
            offset: page.offset,
            items: page.items.into_iter().map(U::from).collect(),
        }
    }
}

/// A page of the records.
pub(crate) async fn list<T: Table, B: From<Stored<T::Id, T>>>(
    resources: &Resources<T>,
    actor: &Actor<ManageResources>,
    query: Query,
) -> Result<Json<ListBody<B>>, ApiError> {
    let page = resources.list(actor, &list_query(query)?).await?;
    Ok(Json(page.into()))
}

/// One record.
pub(crate) async fn find<T: Table, B: From<Stored<T::Id, T>>>(
    resources: &Resources<T>,
    actor: &Actor<ManageResources>,
    id: T::Id,
) -> Result<Json<B>, ApiError> {
    Ok(Json(resources.find(actor, id).await?.into()))
}

/// Creates a record; `path` is that of the collection.
pub(crate) async fn create<T: Table, B: From<Stored<T::Id, T>> + Serialize>(
    resources: &Resources<T>,
    actor: &Actor<ManageResources>,
    body: JsonBody,
    path: &str,
) -> Result<HttpResponse, ApiError> {
    let record = resources.create(actor, body.read().await?).await?;
    let id = record.id.into();
    Ok(created(path, id, &B::from(record)))
}

/// Changes the fields that the body has. Looks the record up first, so that one of another tenant answers 404 to any body.
pub(crate) async fn change<T: Table, B: From<Stored<T::Id, T>>>(
    resources: &Resources<T>,
    actor: &Actor<ManageResources>,
    id: T::Id,
    body: JsonBody,
) -> Result<Json<B>, ApiError> {
    resources.find(actor, id).await?;
    let record = resources.change(actor, id, body.read().await?).await?;
    Ok(Json(record.into()))
}

/// Deletes a record.
pub(crate) async fn delete<T: Table>(
    resources: &Resources<T>,
    actor: &Actor<ManageResources>,
    id: T::Id,
) -> Result<Json<Message>, ApiError> {
    resources.delete(actor, id).await?;
    Ok(message(DELETED))
}

/// The answer to a deletion.
pub(crate) const DELETED: &str = "Data berhasil dihapus";

/// 201 with the record and its address.
pub(crate) fn created(path: &str, id: uuid::Uuid, record: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("{path}/{id}")))
        .json(record)
}

/// `filter` (repeatable), `sort` (comma-separated), `search`, `limit`, `offset`. The resource checks whether the
/// fields exist.
pub(crate) fn list_query(mut query: Query) -> Result<ListQuery, ApiError> {
    let filter = query
        .all("filter")
        .iter()
        .map(|text| text.parse::<Filter>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid("filter", "harus berbentuk field=nilai"))?;
    let sort = query
        .one("sort")?
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(str::parse::<SortKey>)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid("sort", "harus berbentuk field:asc atau field:desc"))?;
    if filter.len() > MOST_KEYS || sort.len() > MOST_KEYS {
        return Err(invalid("filter", "terlalu banyak"));
    }
    let search = query.one("search")?.filter(|text| !text.trim().is_empty());
    let limit = query.limit()?;
    let offset = query.number(
        "offset",
        0,
        i64::MAX as u64,
        "harus bilangan bulat mulai dari 0",
    )?;
    query.finish()?;
    Ok(ListQuery {
        filter,
        sort,
        search,
        limit,
        offset: offset.unwrap_or(0),
    })
}
