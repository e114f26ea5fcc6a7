//! The templates, with an example row that is valid for the caller's tenant: the record that it refers to exists, and its keys are
//! free.

use std::collections::HashMap;

use auth::{Actor, Authenticated, DownloadTemplates};
use bytes::Bytes;
use domain::{
    EmailAddress, ImportType, JamaahId, JobId, Nik, PackageName, ReferenceNumber, ValueError,
    value::label,
};
use futures_util::{StreamExt, stream};
use import_types::{
    MessageTexts, TypeDescription,
    engine::{
        Field, Language,
        report::{CsvWriter, write_template},
    },
};
use repositories::{Hits, JamaahRecords, ListQuery, Lookups, Packages, SortKey, TenantScope};
use time::{Duration, macros::date};

use super::{
    CSV, CsvDelimiter, Download, Imports,
    book::{Look, TextBook},
};
use crate::ServiceError;

/// Values that are tried for a field that must be unique. A tenant that has them all gets an example without it.
const CANDIDATES: u16 = 100;

/// The package of the example; it may leave on any of the days that are tried.
const EXAMPLE_PACKAGE: &str = "Umroh Reguler 9 Hari";

/// Packages that a workbook offers, the newest: a longer list does not help to choose.
const OFFERED_PACKAGES: u64 = 1_000;

/// The sheet that holds what others offer.
const LISTS: &str = "Pilihan";

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
        let examples = self.examples(actor.tenant_id().into(), import_type).await?;
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
            media_type: CSV,
            content: stream::iter([Ok(Bytes::from(bytes))]).boxed(),
        })
    }

    /// The template as a workbook: a sheet to fill in, whose columns offer the words and packages that there are, and a sheet that
    /// explains them.
    ///
    /// # Errors
    /// Only failures.
    pub async fn template_workbook(
        &self,
        actor: &Actor<DownloadTemplates>,
        import_type: ImportType,
    ) -> Result<Download, ServiceError> {
        let scope = actor.tenant_id().into();
        let examples = self.examples(scope, import_type).await?;
        let (packages, all) = self.package_names(scope).await?;
        let schema = import_types::schema(import_type);
        let messages = schema.messages(Language::INDONESIAN);
        let fields = || schema.fields().iter().filter(|field| !field.is_auxiliary());
        let is_package = |field: &Field| field.refers_to() == Some(import_types::PACKAGE);
        // People know a package by its name; the id stays where it is not sure that the name is its package's alone.
        let named = packages.first().filter(|_| all);
        let _turn = self.book_turn().await?;
        let mut book = TextBook::new();
        let mut offers: Vec<(u16, Vec<&str>)> = Vec::new();
        for (column, field) in (0..).zip(fields()) {
            if let Some(words) = field.choices() {
                offers.push((column, words.iter().map(AsRef::as_ref).collect()));
            } else if is_package(field) && !packages.is_empty() {
                offers.push((column, packages.iter().map(String::as_str).collect()));
            }
        }
        let example = |field: &Field| {
            if let Some(name) = named.filter(|_| is_package(field)) {
                return name.clone();
            }
            let own = examples.iter().find(|(name, _)| *name == field.name());
            let own = own.map(|(_, cell)| cell.clone());
            own.unwrap_or_else(|| field.example_text().unwrap_or_default().to_owned())
        };
        let row: Vec<String> = fields().map(example).collect();
        {
            let mut data = book.sheet("Data", fields().map(Field::name), &[])?;
            data.row(row.iter().map(|cell| (cell.as_str(), Look::Plain)))?;
            let mut first = 2;
            for (column, words) in &offers {
                let last = first + u32::try_from(words.len()).unwrap_or_default() - 1;
                data.offer(*column, LISTS, first, last)?;
                first = last + 1;
            }
        }
        {
            let headers = ["Kolom", "Nama", "Wajib", "Isi", "Contoh"];
            let mut guide = book.sheet("Petunjuk", headers, &["Isi"])?;
            for (field, example) in fields().zip(&row) {
                let words = field.choices().map(|words| words.join(", "));
                let expected = words.or_else(|| messages.expected_of(field.name()));
                let (name, label) = (field.name(), label(field.name()));
                let required = if field.is_required() { "Ya" } else { "Tidak" };
                let cells = [
                    name,
                    &label,
                    required,
                    expected.as_deref().unwrap_or_default(),
                    example,
                ];
                guide.row(cells.map(|cell| (cell, Look::Plain)))?;
            }
        }
        if !offers.is_empty() {
            let mut lists = book.sheet(LISTS, ["Pilihan"], &["Pilihan"])?;
            for word in offers.iter().flat_map(|(_, words)| words) {
                lists.row([(*word, Look::Plain)])?;
            }
            book.hide_last()?;
        }
        book.download(format!("template-{import_type}.xlsx")).await
    }

    /// Names of packages that are one package's alone, the newest first, and whether all packages were looked at.
    async fn package_names(&self, scope: TenantScope) -> Result<(Vec<String>, bool), ServiceError> {
        let query = ListQuery {
            limit: OFFERED_PACKAGES,
            ..newest()
        };
        let packages = Packages::new(&self.context.database);
        let page = packages.list(scope, &query).await?;
        let all = page.total <= OFFERED_PACKAGES;
        let found = page.items;
        let mut seen: HashMap<String, u32> = HashMap::new();
        for package in &found {
            *seen.entry(package.fields.nama.match_key()).or_default() += 1;
        }
        let names = found
            .iter()
            .filter(|package| seen.get(&package.fields.nama.match_key()) == Some(&1))
            .map(|package| package.fields.nama.to_string())
            .collect();
        Ok((names, all))
    }

    async fn examples(
        &self,
        scope: TenantScope,
        import_type: ImportType,
    ) -> Result<Vec<Example>, ServiceError> {
        match import_type {
            ImportType::Jamaah => self.jamaah_examples(scope).await,
            ImportType::Payment => self.payment_examples(scope).await,
            ImportType::Package => self.package_examples(scope).await,
        }
    }

    /// The import types with their fields, and every message with its placeholders.
    #[must_use]
    pub fn types(&self, _: &Actor<Authenticated>) -> (Vec<TypeDescription>, MessageTexts) {
        (import_types::descriptions(), import_types::message_texts())
    }

    /// Bytes of a file.
    #[must_use]
    pub fn max_upload_bytes(&self) -> u64 {
        self.context.config.max_upload_bytes
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

    /// The questions exclude no row, because no row is being changed.
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
        .map_err(|_| ServiceError::Broken("an example of a template is not a value of its field"))
}

fn first_free<'c, T>(candidates: &'c [T], taken: &[Hits]) -> Option<&'c T> {
    candidates
        .iter()
        .zip(taken)
        .find_map(|(candidate, hits)| (!hits.are_some()).then_some(candidate))
}
