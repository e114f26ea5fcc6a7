//! The templates, with an example row that is right for the caller's own tenant.

use auth::{Actor, DownloadTemplates};
use bytes::Bytes;
use domain::ImportType;
use futures_util::{StreamExt, stream};
use import_types::engine::{CsvWriter, write_template};
use repositories::{JamaahRecords, ListQuery, Packages, SortKey};

use super::{Download, Imports, TemplateDelimiter};
use crate::ServiceError;

impl Imports {
    /// The template of an import type: UTF-8 with BOM, the headers, and one example row that validates in the caller's tenant.
    ///
    /// # Errors
    /// Only failures.
    pub async fn template(
        &self,
        actor: &Actor<DownloadTemplates>,
        import_type: ImportType,
        delimiter: TemplateDelimiter,
    ) -> Result<Download, ServiceError> {
        let reference = self.example_reference(actor, import_type).await?;
        let delimiter = match delimiter {
            TemplateDelimiter::Comma => b',',
            TemplateDelimiter::Semicolon => b';',
        };
        let writer = CsvWriter::new(Vec::new())
            .delimiter(delimiter)
            .byte_order_mark();
        let bytes = write_template(import_types::schema(import_type), writer, |field| {
            let (referring, id) = reference.as_ref()?;
            (*referring == field).then(|| id.clone())
        })
        .map_err(ServiceError::Engine)?;
        Ok(Download {
            file_name: format!("template-{import_type}.csv"),
            content: stream::iter([Ok(Bytes::from(bytes))]).boxed(),
        })
    }

    /// The field that refers to another resource, and the id of the tenant's newest one, if there is any.
    async fn example_reference(
        &self,
        actor: &Actor<DownloadTemplates>,
        import_type: ImportType,
    ) -> Result<Option<(&'static str, String)>, ServiceError> {
        let database = &self.context.database;
        let scope = actor.tenant_id().into();
        let newest = ListQuery {
            sort: vec![SortKey {
                field: "created_at".to_owned(),
                descending: true,
            }],
            limit: 1,
            ..ListQuery::default()
        };
        Ok(match import_type {
            ImportType::Package => None,
            ImportType::Jamaah => Packages::new(database)
                .list(scope, &newest)
                .await?
                .items
                .first()
                .map(|package| ("paket_id", package.id.to_string())),
            ImportType::Payment => JamaahRecords::new(database)
                .list(scope, &newest)
                .await?
                .items
                .first()
                .map(|jamaah| ("jamaah_id", jamaah.id.to_string())),
        })
    }
}
