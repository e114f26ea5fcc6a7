//! The multipart body of an upload: read as it arrives, the file streamed on, everything else small and known by name.
//! Nothing of it stays behind when it turns out to be wrong, late or too much.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest, web};
use domain::ImportType;
use futures_util::{StreamExt, stream};
use services::{ColumnMapping, ReceivedFile, ServiceError, Services};
use tokio::time::timeout;
use utoipa::ToSchema;

use super::Caller;
use super::words;
use crate::body::{BoundedBody, read_error};
use crate::config::HttpConfig;
use crate::error::ApiError;
use auth::ManageImports;

/// What an upload sends.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct UploadRequest {
    /// The CSV file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    import_type: words::ImportType,
    /// Header of the file to field of the import type; `""` leaves a column out. One JSON text, or one form field
    /// `column_mapping[Header]` for each column.
    #[schema(value_type = Option<BTreeMap<String, String>>, nullable = false, example = json!({"Nama Lengkap": "nama"}))]
    column_mapping: Option<ColumnMapping>,
}

/// A file of ten thousand columns is refused anyway; a form of more parts than this is an attack.
const MOST_PARTS: usize = 1_000;
/// All texts of the form together.
const TEXT_BYTES: usize = 64 * 1024;
/// Everything that is not the file: texts, boundaries, part headers.
const OVERHEAD_BYTES: u64 = 512 * 1024;
/// Characters of a kept file name.
const LONGEST_NAME: usize = 150;

/// A form that was read to its end.
pub(super) struct UploadForm {
    pub(super) file: ReceivedFile,
    pub(super) import_type: ImportType,
    pub(super) mapping: ColumnMapping,
}

/// Reads the whole form.
pub(super) async fn receive(
    caller: &Caller<ManageImports>,
    services: &Services,
    config: &HttpConfig,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<UploadForm, ApiError> {
    let reader = FormReader::open(config, request, payload)?;
    reader.read(caller, services).await
}

/// The form so far.
struct FormReader {
    parts: Multipart,
    patience: Duration,
    limit: u64,
    seen: usize,
    text_left: usize,
    file: Option<ReceivedFile>,
    import_type: Option<ImportType>,
    mapping: Option<Mapping>,
}

enum Mapping {
    Json(ColumnMapping),
    Brackets(ColumnMapping),
}

impl FormReader {
    fn open(
        config: &HttpConfig,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self, ApiError> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Err(ServiceError::FileRequired.into());
        }
        if !request
            .content_type()
            .eq_ignore_ascii_case("multipart/form-data")
        {
            return Err(ApiError::UnsupportedMediaType);
        }
        let limit = config.max_upload_bytes;
        let most = limit.saturating_add(OVERHEAD_BYTES);
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > most) {
            return Err(ServiceError::FileTooLarge { limit }.into());
        }
        let body = BoundedBody::new(payload.into_inner(), most, config);
        Ok(Self {
            parts: Multipart::new(request.headers(), body),
            // The body has its own clock; this one is for a parser that waits for more than there is.
            patience: config.body_idle_timeout + Duration::from_secs(1),
            limit,
            seen: 0,
            text_left: TEXT_BYTES,
            file: None,
            import_type: None,
            mapping: None,
        })
    }

    async fn read(
        mut self,
        caller: &Caller<ManageImports>,
        services: &Services,
    ) -> Result<UploadForm, ApiError> {
        while let Some(field) = self.next_part().await? {
            let name = field.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" => self.take_file(field, caller, services).await?,
                "import_type" => self.take_import_type(field).await?,
                "column_mapping" => self.take_mapping(field).await?,
                name => match bracketed(name) {
                    Some(column) => self.take_mapping_of(column, field).await?,
                    None => return Err(refused(format!("Field '{}' tidak dikenal", short(name)))),
                },
            }
        }
        let file = self.file.ok_or(ServiceError::FileRequired)?;
        let import_type = self
            .import_type
            .ok_or_else(|| refused("Field 'import_type' wajib diisi"))?;
        let mapping = match self.mapping {
            Some(Mapping::Json(mapping) | Mapping::Brackets(mapping)) => mapping,
            None => ColumnMapping::new(),
        };
        Ok(UploadForm {
            file,
            import_type,
            mapping,
        })
    }

    async fn next_part(&mut self) -> Result<Option<Field>, ApiError> {
        self.seen += 1;
        if self.seen > MOST_PARTS {
            return Err(refused("Terlalu banyak field dalam form"));
        }
        match timeout(self.patience, self.parts.next()).await {
            Err(_elapsed) => Err(ApiError::BodyTimeout),
            Ok(None) => Ok(None),
            Ok(Some(Ok(field))) => Ok(Some(field)),
            Ok(Some(Err(error))) => Err(broken(&error, self.limit)),
        }
    }

    async fn take_file(
        &mut self,
        mut field: Field,
        caller: &Caller<ManageImports>,
        services: &Services,
    ) -> Result<(), ApiError> {
        if self.file.is_some() {
            return Err(repeated("file"));
        }
        let sent = field
            .content_disposition()
            .and_then(|disposition| disposition.get_filename())
            .map(str::to_owned);
        let failure = RefCell::new(None);
        let (patience, limit) = (self.patience, self.limit);
        let content = stream::unfold(&mut field, |field| async {
            match chunk(field, patience, limit).await {
                Ok(chunk) => chunk.map(|chunk| (Ok(chunk), field)),
                Err(error) => {
                    *failure.borrow_mut() = Some(error);
                    Some((Err(Interrupted), field))
                }
            }
        });
        let name = safe_name(sent.as_deref().unwrap_or_default());
        let received = services.imports.receive_file(caller, &name, content).await;
        let failure = failure.into_inner();
        match (received, failure) {
            // A browser whose user chose nothing sends a part without a name and without content.
            (Err(ServiceError::InvalidFile { .. }), None) if sent.as_deref() == Some("") => {
                Err(ServiceError::FileRequired.into())
            }
            (Err(_), Some(failure)) => Err(failure),
            (received, _) => {
                self.file = Some(received?);
                Ok(())
            }
        }
    }

    async fn take_import_type(&mut self, field: Field) -> Result<(), ApiError> {
        if self.import_type.is_some() {
            return Err(repeated("import_type"));
        }
        let text = self.text(field).await?;
        self.import_type = Some(text.parse().map_err(|_| ApiError::UnknownImportType)?);
        Ok(())
    }

    async fn take_mapping(&mut self, field: Field) -> Result<(), ApiError> {
        if self.mapping.is_some() {
            return Err(repeated("column_mapping"));
        }
        let text = self.text(field).await?;
        let mut mapping = ColumnMapping::new();
        // An empty text is what a form sends for a field that nobody filled in.
        if !text.trim().is_empty() {
            let domain::RowData(pairs) =
                serde_json::from_str(&text).map_err(|_| invalid_mapping())?;
            for (column, target) in pairs {
                insert(&mut mapping, column, target)?;
            }
        }
        self.mapping = Some(Mapping::Json(mapping));
        Ok(())
    }

    async fn take_mapping_of(&mut self, column: String, field: Field) -> Result<(), ApiError> {
        let target = self.text(field).await?;
        let mapping = self
            .mapping
            .get_or_insert_with(|| Mapping::Brackets(ColumnMapping::new()));
        match mapping {
            Mapping::Json(_) => Err(repeated("column_mapping")),
            Mapping::Brackets(mapping) => insert(mapping, column, target),
        }
    }

    /// A text field, out of the budget of all of them.
    async fn text(&mut self, mut field: Field) -> Result<String, ApiError> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = chunk(&mut field, self.patience, self.limit).await? {
            self.text_left = self
                .text_left
                .checked_sub(chunk.len())
                .ok_or_else(|| refused("Field teks terlalu panjang"))?;
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes.to_vec()).map_err(|_| refused("Field teks harus berupa UTF-8"))
    }
}

async fn chunk(
    field: &mut Field,
    patience: Duration,
    limit: u64,
) -> Result<Option<Bytes>, ApiError> {
    match timeout(patience, field.next()).await {
        Err(_elapsed) => Err(ApiError::BodyTimeout),
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(error))) => Err(broken(&error, limit)),
    }
}

fn broken(error: &MultipartError, limit: u64) -> ApiError {
    match error {
        // The parser's own buffer: a part's head, or a line before the first part, that does not end.
        MultipartError::Payload(PayloadError::Overflow) => refused("Form multipart tidak valid"),
        MultipartError::Payload(error) => {
            read_error(error, ServiceError::FileTooLarge { limit }.into())
        }
        MultipartError::ContentTypeIncompatible => ApiError::UnsupportedMediaType,
        MultipartError::Incomplete => refused("Form tidak lengkap: batas penutup tidak ada"),
        MultipartError::ContentDispositionMissing
        | MultipartError::ContentDispositionNameMissing => refused("Field tanpa nama dalam form"),
        _ => refused("Form multipart tidak valid"),
    }
}

fn refused(reason: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::InvalidUpload {
        reason: reason.into(),
    }
}

fn repeated(field: &str) -> ApiError {
    refused(format!("Field '{}' diisi lebih dari sekali", short(field)))
}

fn invalid_mapping() -> ApiError {
    ServiceError::InvalidMapping {
        message: "column_mapping tidak valid: harus berupa objek JSON dari kolom ke field"
            .to_owned(),
    }
    .into()
}

fn insert(mapping: &mut ColumnMapping, column: String, target: String) -> Result<(), ApiError> {
    match mapping.entry(column) {
        Entry::Vacant(entry) => {
            entry.insert(target);
            Ok(())
        }
        Entry::Occupied(entry) => Err(ServiceError::InvalidMapping {
            message: format!("Kolom '{}' dipetakan lebih dari sekali", short(entry.key())),
        }
        .into()),
    }
}

/// A name of the caller's, short enough to be shown.
fn short(name: &str) -> String {
    name.chars().take(50).collect()
}

/// The header in `column_mapping[Header]`, with the three characters that browsers escape in names.
fn bracketed(name: &str) -> Option<String> {
    let column = name.strip_prefix("column_mapping[")?.strip_suffix(']')?;
    Some(
        column
            .replace("%22", "\"")
            .replace("%0D", "\r")
            .replace("%0A", "\n"),
    )
}

/// The file name without folders, control characters and direction marks, of bearable length.
fn safe_name(sent: &str) -> String {
    let base = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = base
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| {
            if matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .collect::<String>();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() {
        return "upload.csv".to_owned();
    }
    let surplus = name.chars().count().saturating_sub(LONGEST_NAME);
    if surplus == 0 {
        return name.to_owned();
    }
    // The end carries the extension.
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension = extension.chars().take(10).collect::<String>();
    let stem = stem.chars().take(LONGEST_NAME - 11).collect::<String>();
    format!("{stem}.{extension}")
}

/// Marks that turn or hide text: a name that ends in `vsc.exe` must not be shown backwards.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The body of the file broke off; the reader knows why.
#[derive(Debug, thiserror::Error)]
#[error("the body of the upload broke off")]
struct Interrupted;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_readable_part_of_a_file_name() {
        let long = format!("{}.csv", "n".repeat(300));
        for (sent, kept) in [
            ("jamaah.csv", "jamaah.csv"),
            ("C:\\Users\\Siti\\Data Jamaah.csv", "Data Jamaah.csv"),
            ("../../etc/passwd", "passwd"),
            ("..", "upload.csv"),
            ("", "upload.csv"),
            (".htaccess", "htaccess"),
            ("a\r\nSet-Cookie: b\0.csv", "aSet-Cookie_ b.csv"),
            ("data\u{202e}vsc.exe", "datavsc.exe"),
            ("Jamaah Ramadhan – Ñ.csv", "Jamaah Ramadhan – Ñ.csv"),
            (long.as_str(), &format!("{}.csv", "n".repeat(139))),
        ] {
            assert_eq!(safe_name(sent), kept, "{sent:?}");
        }
    }

    #[test]
    fn reads_the_header_between_the_brackets() {
        assert_eq!(bracketed("column_mapping[Nama]").as_deref(), Some("Nama"));
        assert_eq!(bracketed("column_mapping[a[b]]").as_deref(), Some("a[b]"));
        assert_eq!(
            bracketed("column_mapping[%22x%22]").as_deref(),
            Some("\"x\"")
        );
        assert_eq!(bracketed("column_mapping[]").as_deref(), Some(""));
        assert_eq!(bracketed("column_mapping"), None);
        assert_eq!(bracketed("mapping[Nama]"), None);
    }
}
