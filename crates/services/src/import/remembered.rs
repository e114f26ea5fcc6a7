//! Decisions about columns and values, remembered for the next file with the same headers. A file that is imported confirms them.

use std::collections::BTreeMap;

use auth::{Actor, ManageImports};
use domain::{Choices, ImportJob, RememberedMapping, ValueChoices};
use import_types::engine::{
    Schema,
    recognise::{Dialect, normalise_header},
};
use repositories::{Remembered, RepositoryError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Imports, UploadRequest, draft::field_of};
use crate::ServiceError;

impl Imports {
    /// Remembers what was decided by hand about a file whose import begins. A failure to do so does not prevent the import.
    pub(super) async fn remember(&self, job: &ImportJob) {
        let choices = &job.metadata.choices;
        let is_recognisable = job.metadata.has_header;
        if !is_recognisable || choices.columns.is_empty() && choices.values.is_empty() {
            return;
        }
        let remembered = Remembered {
            id: self.context.clock.mint_uuid(),
            import_type: job.import_type,
            decided: RememberedMapping {
                headers: job.metadata.columns.clone(),
                columns: choices.columns.clone(),
                values: choices.values.clone(),
                decided_by: job.doers.started_by.clone(),
            },
            used_at: self.context.clock.now(),
        };
        let headers = digest(&job.metadata.columns);
        let kept = self
            .remembered
            .remember(job.tenant_id.into(), &headers, &remembered)
            .await;
        if let Err(error) = kept {
            tracing::warn!(
                job.id = %job.id, error = &error as &dyn std::error::Error,
                "could not remember a mapping"
            );
        }
    }

    /// What was decided before about a file with the same headers, as far as it still means something and the caller says nothing
    /// else.
    pub(super) async fn recalled(
        &self,
        actor: &Actor<ManageImports>,
        request: &UploadRequest,
        dialect: &Dialect,
    ) -> Result<Choices, ServiceError> {
        if dialect.header_row.is_none() {
            return Ok(Choices::default());
        }
        let schema = import_types::schema(request.import_type);
        let Ok(mapping) = schema.map_headers(&dialect.headers) else {
            return Ok(Choices::default());
        };
        let names: Vec<&str> = mapping.names().collect();
        let scope = actor.tenant_id().into();
        let found = self
            .remembered
            .find(scope, request.import_type, &digest(&names))
            .await;
        let decided = match found {
            Ok(Some(decided)) => decided,
            Ok(None) => return Ok(Choices::default()),
            // A decision that can no longer be read is not a reason to refuse a file.
            Err(RepositoryError::Corrupt { column }) => {
                tracing::warn!(column, "a remembered mapping cannot be read");
                return Ok(Choices::default());
            }
            Err(error) => return Err(error.into()),
        };
        let is_free = |field: &str| request.mapping.values().all(|wished| wished != field);
        let columns: BTreeMap<String, String> = decided
            .columns
            .iter()
            .filter(|(_, field)| {
                field.is_empty() || schema.index_of(field_of(field)).is_some() && is_free(field)
            })
            .filter_map(|(name, field)| Some((own_name(&names, name)?, field.clone())))
            .filter(|(name, _)| !request.mapping.contains_key(name))
            .collect();
        Ok(Choices {
            remembered: columns.keys().cloned().collect(),
            columns,
            values: self.still_true(actor, schema, decided.values).await?,
            ..Choices::default()
        })
    }

    /// The values that their fields still have.
    async fn still_true(
        &self,
        actor: &Actor<ManageImports>,
        schema: &Schema,
        values: ValueChoices,
    ) -> Result<ValueChoices, ServiceError> {
        let mut kept = ValueChoices::new();
        for (name, cells) in values {
            let Some(field) = schema.index_of(&name).map(|index| &schema.fields()[index]) else {
                continue;
            };
            for (cell, value) in cells {
                let is_value = value.is_empty()
                    || match (field.choices(), field.refers_to()) {
                        (Some(words), _) => words.iter().any(|word| **word == *value),
                        (None, Some(target)) => self.exists(actor, target, &value).await?,
                        (None, None) => false,
                    };
                if is_value {
                    kept.entry(name.clone()).or_default().insert(cell, value);
                }
            }
        }
        Ok(kept)
    }

    /// What is remembered, most recently used first.
    ///
    /// # Errors
    /// Only failures.
    pub async fn remembered_mappings(
        &self,
        actor: &Actor<ManageImports>,
    ) -> Result<Vec<Remembered>, ServiceError> {
        Ok(self.remembered.list(actor.tenant_id().into()).await?)
    }

    /// Forgets what is remembered under an id.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn forget_mapping(
        &self,
        actor: &Actor<ManageImports>,
        id: Uuid,
    ) -> Result<(), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        if self.remembered.forget(actor.tenant_id().into(), id).await? {
            tracing::info!(user.id = %actor.user_id(), "forgot a remembered mapping");
            return Ok(());
        }
        Err(ServiceError::NotFound("Pemetaan kolom"))
    }
}

/// What a column is called in this file: the same name, or one that is normalised alike.
fn own_name(names: &[&str], name: &str) -> Option<String> {
    let wanted = normalise_header(name);
    let same = names.iter().find(|own| **own == name);
    let same = same.or_else(|| names.iter().find(|own| normalise_header(own) == wanted));
    same.map(|own| (*own).to_owned())
}

/// What files with the same set of headers have in common, in whatever order they stand.
fn digest(names: &[impl AsRef<str>]) -> String {
    let mut names: Vec<String> = names
        .iter()
        .map(|name| normalise_header(name.as_ref()))
        .collect();
    names.sort_unstable();
    hex::encode(Sha256::digest(names.join("\n")))
}
