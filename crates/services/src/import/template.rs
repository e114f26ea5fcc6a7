//! The templates, with an example row that is right for the caller's own tenant.

use auth::{Actor, DownloadTemplates};
use domain::ImportType;

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
        unimplemented!()
    }
}
