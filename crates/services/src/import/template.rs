//! The templates, with an example row that is right for the caller's own tenant: what it refers to exists, and what must be
//! unique is free.

use auth::{Actor, DownloadTemplates};
use bytes::Bytes;
use domain::{
    EmailAddress, ImportType, JamaahId, JobId, Nik, PackageName, ReferenceNumber, ValueError,
};
use futures_util::{StreamExt, stream};
use import_types::engine::{CsvWriter, write_template};
use repositories::{JamaahRecords, ListQuery, Lookups, Packages, SortKey, TenantScope};
use time::{Duration, macros::date};

use super::{CsvDelimiter, Download, Imports};
use crate::ServiceError;

/// Values that are tried for a field that must be unique. A tenant that has them all gets an example without it.
const CANDIDATES: u16 = 100;

/// The package of the example; it may leave on any of the days that are tried.
const EXAMPLE_PACKAGE: &str = "Umroh Reguler 9 Hari";

/// Field and cell.
type Example = (&'static str, String);

impl Imports {
    /// The template of an import type: UTF-8 with BOM, the headers, and one example row that validates in the caller's tenant.
    ///
    /// # Errors
    /// Only failures.
    pub async fn template(
        &self,
        actor: &Actor<DownloadTemplates>,
        import_type: ImportType,
        delimiter: CsvDelimiter,
    ) -> Result<Download, ServiceError> {
        let scope = actor.tenant_id().into();
        let examples = match import_type {
            ImportType::Jamaah => self.jamaah_examples(scope).await?,
            ImportType::Payment => self.payment_examples(scope).await?,
            ImportType::Package => self.package_examples(scope).await?,
        };
        let writer = CsvWriter::new(Vec::new())
            .delimiter(delimiter.byte())
            .byte_order_mark();
        let bytes = write_template(import_types::schema(import_type), writer, |field| {
            let example = examples.iter().find(|(name, _)| *name == field);
            example.map(|(_, cell)| cell.clone())
        })
        .map_err(ServiceError::Report)?;
        Ok(Download {
            file_name: format!("template-{import_type}.csv"),
            content: stream::iter([Ok(Bytes::from(bytes))]).boxed(),
        })
    }

    async fn jamaah_examples(&self, scope: TenantScope) -> Result<Vec<Example>, ServiceError> {
        let rows = self.lookups(scope);
        let ktp = candidates(|n| Nik::parse(&format!("317501050590{}", 9_001 + n)))?;
        let email = candidates(|n| {
            let number = if n == 0 { String::new() } else { n.to_string() };
            EmailAddress::parse(&format!("ahmad.rizki{number}@example.com"))
        })?;
        let free_ktp = first_free(&ktp, &rows.taken_ktp(&ktp).await?);
        let free_email = first_free(&email, &rows.taken_email(&email).await?);
        let mut examples = vec![
            ("ktp", free_ktp.map_or("", Nik::as_str).to_owned()),
            (
                "email",
                free_email.map_or("", EmailAddress::as_str).to_owned(),
            ),
        ];
        let packages = Packages::new(&self.context.database);
        let newest = packages.list(scope, &newest()).await?.items;
        examples.extend(newest.first().map(|one| ("paket_id", one.id.to_string())));
        Ok(examples)
    }

    async fn payment_examples(&self, scope: TenantScope) -> Result<Vec<Example>, ServiceError> {
        let jamaah = JamaahRecords::new(&self.context.database);
        let newest = jamaah.list(scope, &newest()).await?.items;
        let Some(jamaah_id) = newest.first().map(|jamaah| jamaah.id) else {
            return Ok(Vec::new());
        };
        let receipts: Vec<(JamaahId, ReferenceNumber)> =
            candidates(|n| ReferenceNumber::parse(&format!("KW-{:04}", n + 1)))?
                .into_iter()
                .map(|receipt| (jamaah_id, receipt))
                .collect();
        let taken = self.lookups(scope).taken_payment(&receipts).await?;
        let free = first_free(&receipts, &taken);
        Ok(vec![
            ("jamaah_id", jamaah_id.to_string()),
            (
                "nomor_referensi",
                free.map_or_else(String::new, |(_, receipt)| receipt.to_string()),
            ),
        ])
    }

    async fn package_examples(&self, scope: TenantScope) -> Result<Vec<Example>, ServiceError> {
        let key = PackageName::parse(EXAMPLE_PACKAGE)
            .map_err(|_| ServiceError::Broken("the example of a package has no name"))?
            .match_key();
        let departures: Vec<_> = (0..i64::from(CANDIDATES))
            .map(|n| (key.clone(), date!(2027 - 03 - 15) + Duration::days(n)))
            .collect();
        let taken = self.lookups(scope).taken_package(&departures).await?;
        let free = first_free(&departures, &taken);
        let departure = free.map(|(_, departure)| ("tanggal_keberangkatan", departure.to_string()));
        Ok([("nama", EXAMPLE_PACKAGE.to_owned())]
            .into_iter()
            .chain(departure)
            .collect())
    }

    /// Questions in nobody's name: no row is left out.
    fn lookups(&self, scope: TenantScope) -> Lookups {
        let no_job = JobId::from_uuid(uuid::Uuid::nil());
        Lookups::new(&self.context.database, scope, no_job)
    }
}

fn newest() -> ListQuery {
    ListQuery {
        sort: vec![SortKey {
            field: "created_at".to_owned(),
            descending: true,
        }],
        limit: 1,
        ..ListQuery::default()
    }
}

fn candidates<T>(make: impl Fn(u16) -> Result<T, ValueError>) -> Result<Vec<T>, ServiceError> {
    (0..CANDIDATES)
        .map(make)
        .collect::<Result<_, _>>()
        .map_err(|_| ServiceError::Broken("an example of a template is no value of its field"))
}

fn first_free<'c, T>(candidates: &'c [T], taken: &[bool]) -> Option<&'c T> {
    candidates
        .iter()
        .zip(taken)
        .find_map(|(candidate, is_taken)| (!is_taken).then_some(candidate))
}
