//! Receives a workbook: one of its sheets is written once as canonical CSV beside it, and is then read like any other file. Memory is
//! bounded by the size of an upload, time by the deadline for processor time.

use std::{
    io::{self, Cursor, Read, Write},
    ops::ControlFlow,
};

use bytes::Bytes;
use domain::{ImportJob, JobSheet, JobWorkbook};
use import_types::engine::{
    recognise::{Dialect, Look, Notice, Sniffer},
    sheet::{SheetTable, Workbook, WorkbookError, WorkbookFormat},
};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{Imports, ReceivedFile, deadline::Deadline, reading::sheet_sniffer, refusal::no_text};
use crate::{
    ServiceError,
    storage::{ObjectReader, ObjectWriter, StorageError, workbook_of, workbook_table_key},
};

/// Bytes of the table between two writes to the storage.
const PIECE: usize = 256 * 1024;

/// An uploaded workbook after its sheet was read.
#[derive(Debug)]
pub(super) struct ReadSheet {
    pub(super) workbook: JobWorkbook,
    pub(super) notices: Vec<Notice>,
}

/// The table of a sheet in the storage.
struct StoredTable {
    format: WorkbookFormat,
    read: SheetTable,
    dialect: Dialect,
    sha256: String,
}

impl Imports {
    /// Writes the table of a sheet beside its workbook, and recognises it. A text passes as it is, and has no sheets.
    pub(super) async fn read_sheet(
        &self,
        mut file: ReceivedFile,
        sheet: Option<&str>,
    ) -> Result<ReceivedFile, ServiceError> {
        let wanted = sheet.map(str::to_owned);
        let Some(workbook) = workbook_of(file.key()) else {
            return match wanted {
                None => Ok(file),
                Some(sheet) => Err(no_such_sheet(&sheet)),
            };
        };
        let source = self.context.storage.read(workbook).await?;
        let target = self.context.storage.create(file.key());
        let runtime = Handle::current();
        let table = self
            .recognise(move |deadline| {
                write_table(source, wanted.as_deref(), (target, runtime), deadline)
            })
            .await?
            .map_err(|refusal| refusal.into_error(&file))?;
        let notices = table.read.notices(table.dialect.header_row);
        file.dialect = table.dialect;
        file.sha256 = table.sha256;
        file.sheet = Some(ReadSheet {
            workbook: JobWorkbook {
                format: table.format.as_str().to_owned(),
                sheet: table.read.sheet,
                sheets: table
                    .read
                    .sheets
                    .into_iter()
                    .map(|sheet| JobSheet {
                        name: sheet.name,
                        rows: sheet.rows,
                        hidden: sheet.hidden,
                    })
                    .collect(),
            },
            notices,
        });
        Ok(file)
    }
}

impl Imports {
    /// The workbook of a draft with the table of another sheet, as a separate file: the draft keeps its present one until the change is
    /// committed. `None` if the sheet that is wanted is the one that is read, or if nothing is wanted of a text.
    pub(super) async fn other_sheet(
        &self,
        job: &ImportJob,
        sheet: Option<&str>,
    ) -> Result<Option<ReceivedFile>, ServiceError> {
        let Some(workbook) = workbook_of(&job.file_url) else {
            return match sheet {
                None => Ok(None),
                Some(sheet) => Err(no_such_sheet(sheet)),
            };
        };
        let read = job.metadata.workbook.as_ref();
        if sheet.is_some() && read.map(|read| read.sheet.as_str()) == sheet {
            return Ok(None);
        }
        let upload = self.context.clock.mint_uuid();
        let key = workbook_table_key(job.tenant_id.as_uuid(), upload);
        let file = self.stored_again(job, key);
        let copy = workbook_of(file.key()).unwrap_or_default();
        match self.context.storage.copy(workbook, copy).await {
            Err(StorageError::Missing) => return Err(ServiceError::FileExpired),
            copied => copied?,
        }
        self.read_sheet(file, sheet).await.map(Some)
    }
}

fn no_such_sheet(sheet: &str) -> ServiceError {
    ServiceError::InvalidWorkbook {
        error: WorkbookError::NoSuchSheet {
            sheet: sheet.to_owned(),
            sheets: Vec::new(),
        },
        look: None,
    }
}

/// Why there is no table.
enum Refusal {
    /// With what the file is.
    Workbook(WorkbookError, Option<Look>),
    Storage(StorageError),
    Table(import_types::engine::recognise::SniffError),
}

impl Refusal {
    fn into_error(self, file: &ReceivedFile) -> ServiceError {
        let look = file.look;
        match self {
            Self::Storage(error) => error.into(),
            Self::Table(error) => no_text(error, look),
            Self::Workbook(WorkbookError::Write(error), _) => StorageError::Io(error).into(),
            Self::Workbook(WorkbookError::Cancelled, _) => ServiceError::FileTooSlow,
            Self::Workbook(error, look) => ServiceError::InvalidWorkbook { error, look },
        }
    }
}

/// Reads the workbook into memory, which the limit of uploads bounds, and streams its table into the storage. Blocking.
fn write_table(
    mut source: ObjectReader,
    sheet: Option<&str>,
    (target, runtime): (ObjectWriter, Handle),
    deadline: Deadline,
) -> Result<StoredTable, Refusal> {
    let mut bytes = Vec::new();
    source
        .read_to_end(&mut bytes)
        .map_err(|error| Refusal::Storage(StorageError::Io(error)))?;
    let mut table = TableFile {
        target,
        runtime,
        piece: Vec::with_capacity(PIECE),
        sha256: Sha256::new(),
        sniffer: sheet_sniffer(),
    };
    let look = Look::of_bytes(&bytes);
    let refused = |error| Refusal::Workbook(error, look);
    let mut book = Workbook::open(Cursor::new(bytes)).map_err(refused)?;
    let read = book
        .to_csv(sheet, &mut table, || {
            if deadline.is_over() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .map_err(refused)?;
    let format = book.format();
    let (dialect, sha256) = table.finish()?;
    Ok(StoredTable {
        format,
        read,
        dialect,
        sha256,
    })
}

/// A table on its way into the storage: hashed and recognised as an upload is.
struct TableFile {
    target: ObjectWriter,
    runtime: Handle,
    piece: Vec<u8>,
    sha256: Sha256,
    sniffer: Sniffer,
}

impl TableFile {
    fn send(&mut self) -> Result<(), StorageError> {
        if self.piece.is_empty() {
            return Ok(());
        }
        self.sha256.update(&self.piece);
        self.sniffer.feed(&self.piece);
        let piece = Bytes::copy_from_slice(&self.piece);
        self.piece.clear();
        self.runtime.block_on(self.target.write(piece))
    }

    fn finish(mut self) -> Result<(Dialect, String), Refusal> {
        self.send().map_err(Refusal::Storage)?;
        // Recognised first: an unfinished object leaves no trace.
        let dialect = self.sniffer.finish().map_err(Refusal::Table)?;
        self.runtime
            .block_on(self.target.finish())
            .map_err(Refusal::Storage)?;
        Ok((dialect, hex::encode(self.sha256.finalize())))
    }
}

impl Write for TableFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send().map_err(io::Error::other)?;
        }
        Ok(bytes.len())
    }

    /// Chunks are sent as soon as they are full; flushing would only make more of them.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
