//! A page of row errors as JSON, written as it is read: with a hundred rows of a sheet that is sixteen thousand columns wide
//! it is some thirty megabytes, and must not be held in memory.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use domain::{RowData, Timestamp};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use services::{ErrorPage, ListedError, ServiceError};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::words;

/// What is sent at once: nearly every page is smaller, and is sent as a whole.
const CHUNK: usize = 64 * 1024;

/// One error of one row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowErrorBody {
    id: Uuid,
    migration_job_id: Uuid,
    /// The row as a spreadsheet counts.
    #[schema(example = 5)]
    row_number: u64,
    #[schema(value_type = words::ErrorType)]
    error_type: domain::ErrorType,
    /// What exactly is wrong; the words of `error_message` may change, this does not.
    #[schema(value_type = String, example = "email")]
    code: std::borrow::Cow<'static, str>,
    #[schema(value_type = words::Severity)]
    severity: domain::Severity,
    #[schema(example = "email")]
    field_name: Option<String>,
    /// The header of the column in the file.
    #[schema(example = "E-mail")]
    column: Option<String>,
    /// The column of the file, from 0.
    #[schema(example = 1)]
    column_index: Option<u32>,
    #[schema(example = "Email tidak valid: ahmad@email")]
    error_message: String,
    expected_format: Option<String>,
    #[schema(example = "ahmad@email")]
    received_value: Option<String>,
    /// What the message speaks of, by name.
    params: BTreeMap<String, String>,
    /// The whole row by header; empty for a warning, whose row was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, String>>, nullable = false)]
    row_data: Option<RowData>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<ListedError> for RowErrorBody {
    fn from(listed: ListedError) -> Self {
        let error = listed.error;
        Self {
            id: error.id.as_uuid(),
            migration_job_id: error.job_id.as_uuid(),
            row_number: error.row_number,
            error_type: error.error_type,
            code: error.code,
            severity: error.severity,
            field_name: error.field_name,
            column: listed.column,
            column_index: error.column_index,
            error_message: error.error_message,
            expected_format: error.expected_format,
            received_value: error.received_value,
            params: error.params,
            row_data: listed.row_data,
            created_at: error.created_at,
        }
    }
}

/// The page as an answer. A failure before anything was sent is answered as an error; a later one closes the connection.
pub(super) async fn answer(page: ErrorPage) -> Result<HttpResponse, ApiError> {
    let end = format!(
        "],\"total\":{},\"page\":{},\"limit\":{}}}",
        page.total, page.page, page.limit
    );
    let mut body = Body {
        errors: page.errors,
        written: b"{\"data\":[".to_vec(),
        is_first: true,
        end: Some(end),
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    let first = body.chunk().await?.unwrap_or_default();
    if body.end.is_none() {
        return Ok(answer.body(first));
    }
    let first = stream::once(std::future::ready(Ok(first)));
    Ok(answer.streaming(first.chain(rest(body))))
}

fn rest(body: Body) -> impl Stream<Item = Result<Bytes, ServiceError>> {
    stream::try_unfold(body, async |mut body| {
        let chunk = body.chunk().await?;
        Ok(chunk.map(|chunk| (chunk, body)))
    })
}

struct Body {
    errors: BoxStream<'static, Result<ListedError, ServiceError>>,
    written: Vec<u8>,
    is_first: bool,
    /// What follows the last error; `None` once it is written.
    end: Option<String>,
}

impl Body {
    /// The next part of the body; `None` after the last.
    async fn chunk(&mut self) -> Result<Option<Bytes>, ServiceError> {
        while self.written.len() < CHUNK && self.end.is_some() {
            let Some(error) = self.errors.next().await.transpose()? else {
                let end = self.end.take().unwrap_or_default();
                self.written.extend_from_slice(end.as_bytes());
                break;
            };
            if !std::mem::take(&mut self.is_first) {
                self.written.push(b',');
            }
            serde_json::to_writer(&mut self.written, &RowErrorBody::from(error))
                .map_err(|_| ServiceError::Broken("an error is not JSON"))?;
        }
        let chunk = std::mem::take(&mut self.written);
        Ok((!chunk.is_empty()).then(|| Bytes::from(chunk)))
    }
}
