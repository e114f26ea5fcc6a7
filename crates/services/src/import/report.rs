//! What a job could not take, as files: the error report and the rows to correct.

use auth::{Actor, ManageImports};
use domain::JobId;

use super::{Download, Imports};
use crate::ServiceError;

impl Imports {
    /// The error report as a CSV stream: `row_number,error_type,field_name,error_message,received_value`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure; a failure half-way ends the stream with an error.
    pub async fn error_report(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        unimplemented!()
    }

    /// The failed rows with their original columns, then `_row_number` and `_errors`: the file to correct and upload again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn failed_rows(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Download, ServiceError> {
        unimplemented!()
    }
}
