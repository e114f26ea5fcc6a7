//! An upload over HTTP with axum: the file is answered at once, its progress is sent as events, and so is what is wrong with it.

use std::{
    collections::HashMap,
    convert::Infallible,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{Sse, sse::Event},
    routing::{get, post},
};
use import_engine::{Language, Plan, RunError, Summary};
use serde::Serialize;
use sqlx::SqlitePool;
use tokio::{runtime::Handle, sync::watch};
use tokio_stream::{Stream, StreamExt, wrappers::WatchStream};

use crate::{
    Failure,
    contacts::{Known, save, schema},
};

/// The largest file that is taken.
const LARGEST: usize = 64 << 20;

/// How far an import is. The last one is [`Done`](Self::Done) or [`Refused`](Self::Refused).
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Stage {
    Waiting,
    Importing {
        records: u64,
    },
    Done {
        valid: u64,
        invalid: u64,
        issues: Vec<String>,
    },
    Refused {
        code: String,
        message: String,
    },
    Failed,
}

/// What the handlers share.
#[derive(Clone)]
pub struct App {
    pool: SqlitePool,
    imports: Arc<Mutex<HashMap<u64, watch::Receiver<Stage>>>>,
}

/// `POST /imports` takes a file and answers with its number; `GET /imports/{number}/events` says how it goes.
pub fn app(pool: SqlitePool) -> Router {
    let app = App {
        pool,
        imports: Arc::default(),
    };
    Router::new()
        .route("/imports", post(upload))
        .route("/imports/{number}/events", get(events))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(app)
}

async fn upload(State(app): State<App>, file: Bytes) -> (StatusCode, Json<u64>) {
    let (sender, receiver) = watch::channel(Stage::Waiting);
    let number = {
        let mut imports = app.imports.lock().unwrap_or_else(PoisonError::into_inner);
        let number = imports.len() as u64 + 1;
        imports.insert(number, receiver);
        number
    };
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut issues = Vec::new();
        let last = match import(&app.pool, &runtime, &file, &sender, &mut issues) {
            Ok(summary) => Stage::Done {
                valid: summary.valid,
                invalid: summary.invalid,
                issues,
            },
            Err(RunError::File(error)) => Stage::Refused {
                code: error.code().as_str().to_owned(),
                message: error.message(Language::ENGLISH),
            },
            // For the log, and not for the user.
            Err(error) => {
                eprintln!("import {number}: {error}");
                Stage::Failed
            }
        };
        sender.send_replace(last);
    });
    (StatusCode::ACCEPTED, Json(number))
}

fn import(
    pool: &SqlitePool,
    runtime: &Handle,
    file: &[u8],
    stage: &watch::Sender<Stage>,
    issues: &mut Vec<String>,
) -> Result<Summary, RunError<Failure>> {
    let schema = schema()?;
    let messages = schema.messages(Language::ENGLISH);
    let plan = Plan::of(&schema, file).map_err(RunError::with_sink)?;
    let mut known = Known {
        pool: pool.clone(),
        runtime: runtime.clone(),
    };
    plan.import(file)
        .lookup(&mut known)
        .observe(|progress| {
            let records = progress.records;
            stage.send_replace(Stage::Importing { records });
            ControlFlow::Continue(())
        })
        .each(|batch| {
            let of_row = |issue: &import_engine::Issue| {
                format!("row {}: {}", issue.row, messages.message(issue))
            };
            issues.extend(batch.issues().iter().map(of_row));
            runtime.block_on(save(pool, &batch))
        })
}

async fn events(
    State(app): State<App>,
    Path(number): Path<u64>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let stages = {
        let imports = app.imports.lock().unwrap_or_else(PoisonError::into_inner);
        imports.get(&number).cloned().ok_or(StatusCode::NOT_FOUND)?
    };
    // The stream ends when the import drops its sender, after the last stage.
    let stages = WatchStream::new(stages);
    let event = |stage: Stage| Ok(Event::default().json_data(stage).unwrap_or_default());
    Ok(Sse::new(stages.map(event)))
}
