//! The multipart body of an upload: read as it arrives; the file is streamed on, all other fields are small and known by name.
//! Nothing of it is kept if it is invalid, late or too large.

use std::cell::RefCell;
use std::str::FromStr;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest, web};
use domain::{ImportType, JobId, OnDuplicate, UserId, value::shortened};
use futures_util::{StreamExt, stream};
use services::{ColumnMapping, ReceivedFile, ServiceError, Services};
use tokio::time::timeout;
use utoipa::ToSchema;

use super::Caller;
use super::mapping::{Mapping, bracketed};
use super::words;
use crate::body::{BoundedBody, is_encoded, read_error};
use crate::config::HttpConfig;
use crate::error::{ApiError, LONGEST_NAME};
use auth::ManageImports;

/// What an upload sends.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) struct UploadRequest {
    /// A file of text (CSV), or a workbook: `.xlsx`, `.xls`, `.ods`. Its content decides which, not its name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    import_type: words::ImportType,
    /// Header of the file to field of the import type; `""` leaves a column out. One JSON text, or one form field
    /// `column_mapping[Header]` for each column.
    #[schema(value_type = Option<BTreeMap<String, String>>, nullable = false, example = json!({"Nama Lengkap": "nama"}))]
    column_mapping: Option<ColumnMapping>,
    /// The sheet of a workbook, by its name. Default: the first that is shown and holds something.
    #[schema(nullable = false, example = "Jamaah")]
    sheet: Option<String>,
    /// Required columns may be missing, and the header too: the rest is decided by changing the draft. Default `false`.
    #[schema(value_type = Option<bool>, nullable = false)]
    draft: Option<bool>,
    /// A draft that this file takes the place of: what was decided about columns and values carries over, and it is discarded.
    #[schema(value_type = Option<Uuid>, nullable = false)]
    replaces: Option<JobId>,
    /// An ended job of the same type whose failed rows this file holds, corrected.
    #[schema(value_type = Option<Uuid>, nullable = false)]
    corrects: Option<JobId>,
    /// An active agent of the tenant, whose own job it is then.
    #[schema(value_type = Option<Uuid>, nullable = false)]
    on_behalf_of: Option<UserId>,
    /// What happens to rows whose record the tenant has already, by NIK or e-mail address, name and departure, pilgrim and receipt
    /// number. Default `reject`, or with `replaces` what was decided for that draft.
    #[schema(value_type = Option<words::OnDuplicate>, nullable = false, example = "update")]
    on_duplicate: Option<OnDuplicate>,
}

/// A file of ten thousand columns is refused anyway; a form of more parts than this is an attack.
const MOST_PARTS: usize = 1_000;
/// The message about an invalid id.
const UUID: &str = "harus berupa UUID";
/// All texts of the form together.
const TEXT_BYTES: usize = 64 * 1024;
/// Everything that is not the file: texts, boundaries, part headers.
const OVERHEAD_BYTES: u64 = 512 * 1024;

/// A form that was read to its end.
pub(super) struct UploadForm {
    pub(super) file: ReceivedFile,
    pub(super) request: services::UploadRequest,
}

impl UploadForm {
    /// What makes two uploads equal: the file and all fields.
    pub(super) fn fingerprint(&self) -> Vec<String> {
        let said = format!("{:?}", self.request);
        let file = self.file.fingerprint().map(str::to_owned);
        std::iter::once(said).chain(file).collect()
    }
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
    sheet: Option<String>,
    draft: Option<bool>,
    replaces: Option<JobId>,
    corrects: Option<JobId>,
    on_behalf_of: Option<UserId>,
    on_duplicate: Option<OnDuplicate>,
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
        let is_form = request
            .content_type()
            .eq_ignore_ascii_case("multipart/form-data");
        if !is_form || is_encoded(request) {
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
            // The body has its own deadline; this one is for a parser that waits for more data than there is.
            patience: config.body_idle_timeout + Duration::from_secs(1),
            limit,
            seen: 0,
            text_left: TEXT_BYTES,
            file: None,
            import_type: None,
            mapping: None,
            sheet: None,
            draft: None,
            replaces: None,
            corrects: None,
            on_behalf_of: None,
            on_duplicate: None,
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
                "sheet" => self.take_sheet(field).await?,
                "draft" => {
                    let expected = "harus true atau false";
                    self.draft = self
                        .take_word(field, self.draft.is_some(), expected)
                        .await?;
                }
                "replaces" => {
                    let is_there = self.replaces.is_some();
                    self.replaces = self.take_word(field, is_there, UUID).await?;
                }
                "corrects" => {
                    let is_there = self.corrects.is_some();
                    self.corrects = self.take_word(field, is_there, UUID).await?;
                }
                "on_behalf_of" => {
                    let is_there = self.on_behalf_of.is_some();
                    self.on_behalf_of = self.take_word(field, is_there, UUID).await?;
                }
                "on_duplicate" => {
                    let is_there = self.on_duplicate.is_some();
                    let expected =
                        format!("harus salah satu dari {}", OnDuplicate::WORDS.join(", "));
                    self.on_duplicate = self.take_word(field, is_there, &expected).await?;
                }
                name => match bracketed(name) {
                    Some(column) => self.take_mapping_of(column, field).await?,
                    None => {
                        return Err(refused(format!(
                            "Field '{}' tidak dikenal",
                            shortened(name, LONGEST_NAME)
                        )));
                    }
                },
            }
        }
        let file = self.file.ok_or(ServiceError::FileRequired)?;
        let import_type = self
            .import_type
            .ok_or_else(|| refused("Field 'import_type' wajib diisi"))?;
        let mapping = self.mapping.map(Mapping::into_pairs).unwrap_or_default();
        Ok(UploadForm {
            file,
            request: services::UploadRequest {
                import_type,
                mapping,
                draft: self.draft.unwrap_or(false),
                replaces: self.replaces,
                corrects: self.corrects,
                on_behalf_of: self.on_behalf_of,
                sheet: self.sheet,
                on_duplicate: self.on_duplicate,
            },
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
            return Err(ApiError::repeated("file"));
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
        let name = sent.as_deref().unwrap_or_default();
        let received = services.imports.receive_file(caller, name, content).await;
        let failure = failure.into_inner();
        match (received, failure) {
            // If the user chose no file, a browser sends a part without a name and without content.
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
            return Err(ApiError::repeated("import_type"));
        }
        let text = self.text(field).await?;
        self.import_type = Some(text.parse().map_err(|_| ApiError::UnknownImportType)?);
        Ok(())
    }

    /// An empty name counts as absent: a form sends fields that were left empty.
    async fn take_sheet(&mut self, field: Field) -> Result<(), ApiError> {
        if self.sheet.is_some() {
            return Err(ApiError::repeated("sheet"));
        }
        let name = self.text(field).await?;
        self.sheet = (!name.is_empty()).then_some(name);
        Ok(())
    }

    /// One of the fields that hold a single word. An empty one is what a form sends for a field that was not filled in.
    async fn take_word<T: FromStr>(
        &mut self,
        field: Field,
        is_repeated: bool,
        expected: &str,
    ) -> Result<Option<T>, ApiError> {
        let name = field.name().unwrap_or_default().to_owned();
        if is_repeated {
            return Err(ApiError::repeated(&name));
        }
        let text = self.text(field).await?;
        let word = Some(text.trim()).filter(|text| !text.is_empty());
        word.map(|text| {
            let refusal = |_| refused(format!("Field '{name}' {expected}"));
            text.parse().map_err(refusal)
        })
        .transpose()
    }

    async fn take_mapping(&mut self, field: Field) -> Result<(), ApiError> {
        if self.mapping.is_some() {
            return Err(ApiError::repeated("column_mapping"));
        }
        let text = self.text(field).await?;
        self.mapping = Some(Mapping::of_json(&text)?);
        Ok(())
    }

    async fn take_mapping_of(&mut self, column: String, field: Field) -> Result<(), ApiError> {
        let target = self.text(field).await?;
        self.mapping = Some(Mapping::with(self.mapping.take(), column, target)?);
        Ok(())
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

/// The body of the file ended early; the reader knows the reason.
#[derive(Debug, thiserror::Error)]
#[error("the body of the upload broke off")]
struct Interrupted;
