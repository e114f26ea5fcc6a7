//! Edits of failed rows in place.

use std::collections::BTreeMap;

use actix_web::{get, patch, web};
use auth::ManageImports;
use domain::JobId;
use serde::{Deserialize, Serialize};
use services::{Amended, AmendmentWishes, Finding, Services};
use utoipa::ToSchema;

use super::cause::FindingBody;
use crate::body::JsonBody;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::PathId;

/// Edits cells of failed rows of a validated draft. The rows are checked at once against schema and system; duplicates inside the
/// file are found by the next validation. The file is not changed.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    request_body(
        content = AmendmentsBody,
        example = json!({"rows": [{"row_number": 6, "cells": {"2": "3175010505909001"}}, {"row_number": 9, "cells": null}]}),
    ),
    responses((status = 200, description = "The rows as they are now.", body = AmendedBody)),
)]
#[patch("/api/v1/onboarding/migration/{id}/amendments")]
pub(crate) async fn amend_import(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    body: JsonBody,
    services: web::Data<Services>,
) -> Result<web::Json<AmendedBody>, ApiError> {
    let body = body.read::<AmendmentsBody>().await;
    let body = super::known_job_or(&caller, &services, id.get(), body).await?;
    let wishes: AmendmentWishes = body
        .rows
        .into_iter()
        .map(|row| (row.row_number, row.cells))
        .collect();
    let amended = services.imports.amend(&caller, id.get(), &wishes).await?;
    Ok(web::Json(amended.into()))
}

/// The edited cells of a job.
#[utoipa::path(
    tag = "Imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The edits.", body = AmendmentListBody)),
)]
#[get("/api/v1/onboarding/migration/{id}/amendments")]
pub(crate) async fn list_amendments(
    caller: Caller<ManageImports>,
    id: PathId<JobId>,
    services: web::Data<Services>,
) -> Result<web::Json<AmendmentListBody>, ApiError> {
    let edits = services.imports.amendments(&caller, id.get()).await?;
    Ok(web::Json(AmendmentListBody {
        amended_rows: edits.len() as u64,
        data: edits
            .into_iter()
            .map(|(row_number, cells)| EditedRowBody { row_number, cells })
            .collect(),
    }))
}

/// Edits of rows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendmentsBody {
    /// At most 200 rows; at most 2 000 of a job are edited.
    rows: Vec<AmendmentBody>,
}

/// Edits of one row.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendmentBody {
    row_number: u64,
    /// Place of the column, from 0, to its cell; others keep what was edited before. Null takes all edits of the row back.
    #[schema(value_type = Option<BTreeMap<String, String>>, example = json!({"2": "3175010505909001"}))]
    cells: Option<BTreeMap<u32, String>>,
}

/// Rows as they are with their edits.
#[derive(Serialize, ToSchema)]
pub(crate) struct AmendedBody {
    /// Edited rows of the job.
    #[schema(example = 3)]
    amended_rows: u64,
    data: Vec<AmendedRowBody>,
}

#[derive(Serialize, ToSchema)]
struct AmendedRowBody {
    #[schema(example = 6)]
    row_number: u64,
    valid: bool,
    errors: Vec<FindingBody>,
}

/// The edits of a job.
#[derive(Serialize, ToSchema)]
pub(crate) struct AmendmentListBody {
    /// Edited rows of the job.
    amended_rows: u64,
    data: Vec<EditedRowBody>,
}

#[derive(Serialize, ToSchema)]
struct EditedRowBody {
    row_number: u64,
    #[schema(value_type = BTreeMap<String, String>, example = json!({"2": "3175010505909001"}))]
    cells: BTreeMap<u32, String>,
}

impl From<Amended> for AmendedBody {
    fn from(amended: Amended) -> Self {
        let rows = amended.rows.into_iter().map(|row| AmendedRowBody {
            row_number: row.row_number,
            valid: row.valid,
            errors: row.findings.into_iter().map(finding).collect(),
        });
        Self {
            amended_rows: amended.amended_rows,
            data: rows.collect(),
        }
    }
}

fn finding(finding: Finding) -> FindingBody {
    let issue = finding.issue;
    FindingBody {
        code: issue.code.as_str().into(),
        column_index: issue.column.and_then(|column| u32::try_from(column).ok()),
        field_name: issue.field().map(str::to_owned),
        message: finding.message,
        expected_format: finding.expected_format,
        params: issue
            .params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        severity: finding.severity,
    }
}
