//! Packages: what their files must contain, and the record of a row.

use domain::{
    Capacity, Description, DurationDays, ImportType, NewPackage, PackageName, PackageStatus,
    Rupiah,
    value::{FIRST_PLAUSIBLE_DAY, LAST_PLAUSIBLE_DAY},
};
use import_engine::{
    BatchRow, Field, IssueCode, Language, Schema, SetupError,
    fields::{TwoDigitYears, UniqueKey},
    rules::Row,
};

use crate::{
    RecordError,
    headers::named,
    jakarta,
    record::{At, Cells},
    rule, start,
};

const NAMA: At = (0, "nama");
const DESKRIPSI: At = (1, "deskripsi");
const DURASI_HARI: At = (2, "durasi_hari");
const HARGA_RETAIL: At = (3, "harga_retail");
const HARGA_WHOLESALE: At = (4, "harga_wholesale");
const TANGGAL_KEBERANGKATAN: At = (5, "tanggal_keberangkatan");
const KAPASITAS: At = (6, "kapasitas");
const STATUS: At = (7, "status");
/// Not stored: the currency of the prices.
const MATA_UANG: At = (8, "mata_uang");

pub(crate) fn schema() -> Result<Schema, SetupError> {
    fields()
        .into_iter()
        .fold(start(ImportType::Package), |schema, field| {
            schema.field(named(ImportType::Package, field))
        })
        // The same package leaves on many dates.
        .unique(UniqueKey::on([NAMA.1, TANGGAL_KEBERANGKATAN.1]).reported_on(NAMA.1))
        .row_rule([HARGA_RETAIL.1, MATA_UANG.1], |row: &mut Row<'_>| {
            rule::in_rupiah_of(row, HARGA_RETAIL.1, MATA_UANG);
        })
        .build()
}

fn fields() -> [Field; 9] {
    const RUPIAH: &str = "rupiah bulat, mis. 25000000 atau Rp25.000.000";
    const UNLIKELY: (&str, &str) = (
        "{label} tidak wajar: {value} dibaca sebagai {read}. Periksa angka dan satuannya",
        "{label} is not likely: {value} was read as {read}. Check the number and its unit",
    );
    [
        Field::text(NAMA.1)
            .required()
            .rule(rule::package_name)
            .example("Umroh Reguler 9 Hari"),
        Field::multiline(DESKRIPSI.1)
            .max_chars(Description::MAX_CHARS)
            .example("Hotel bintang 4, langsung Jeddah"),
        Field::integer(DURASI_HARI.1)
            .required()
            .rule(rule::days)
            .likely(DurationDays::LIKELY.0, DurationDays::LIKELY.1)
            .message(IssueCode::IMPLAUSIBLE, Language::INDONESIAN, UNLIKELY.0)
            .message(IssueCode::IMPLAUSIBLE, Language::ENGLISH, UNLIKELY.1)
            .expected(format!(
                "{} sampai {} hari",
                DurationDays::MIN,
                DurationDays::MAX
            ))
            .example("9"),
        Field::integer(HARGA_RETAIL.1)
            .required()
            .rule(rule::rupiah)
            .likely(Rupiah::LIKELY_PRICE.0, Rupiah::LIKELY_PRICE.1)
            .expected(RUPIAH)
            .example("25000000"),
        Field::integer(HARGA_WHOLESALE.1)
            .rule(rule::rupiah)
            .likely(Rupiah::LIKELY_PRICE.0, Rupiah::LIKELY_PRICE.1)
            .expected(RUPIAH)
            .example("23500000"),
        Field::date(TANGGAL_KEBERANGKATAN.1)
            .required()
            .two_digit_years(TwoDigitYears::From2000)
            .not_before(FIRST_PLAUSIBLE_DAY)
            .not_after(LAST_PLAUSIBLE_DAY)
            .zone(jakarta())
            .example("2027-03-15"),
        Field::integer(KAPASITAS.1)
            .required()
            .rule(rule::seats)
            .likely(Capacity::LIKELY.0, Capacity::LIKELY.1)
            .message(IssueCode::IMPLAUSIBLE, Language::INDONESIAN, UNLIKELY.0)
            .message(IssueCode::IMPLAUSIBLE, Language::ENGLISH, UNLIKELY.1)
            .expected(format!("{} sampai {} kursi", Capacity::MIN, Capacity::MAX))
            .example("45"),
        Field::choice(STATUS.1, PackageStatus::WORDS)
            .rule(rule::word::<PackageStatus>)
            .example("draft"),
        Field::text(MATA_UANG.1)
            .auxiliary()
            .known_by_cells(rule::currencies()),
    ]
}

/// The record of a checked row.
///
/// # Errors
///
/// [`RecordError`] if the row was not checked by this schema.
pub fn record(row: BatchRow<'_>) -> Result<NewPackage, RecordError> {
    let cells = Cells(row);
    Ok(NewPackage {
        nama: cells.required(NAMA, cells.text(NAMA, PackageName::parse)?)?,
        deskripsi: cells.text(DESKRIPSI, Description::parse)?,
        durasi_hari: cells.required(DURASI_HARI, cells.number(DURASI_HARI, DurationDays::new)?)?,
        harga_retail: cells.required(HARGA_RETAIL, cells.number(HARGA_RETAIL, Rupiah::new)?)?,
        harga_wholesale: cells.number(HARGA_WHOLESALE, Rupiah::new)?,
        tanggal_keberangkatan: cells
            .required(TANGGAL_KEBERANGKATAN, cells.date(TANGGAL_KEBERANGKATAN))?,
        kapasitas: cells.required(KAPASITAS, cells.number(KAPASITAS, Capacity::new)?)?,
        status: cells
            .text(STATUS, PackageStatus::parse)?
            .unwrap_or(PackageStatus::DEFAULT),
    })
}
