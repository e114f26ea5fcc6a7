//! Pilgrims: what their files must contain, and the record of a row.

use domain::{
    Address, EmailAddress, Gender, ImportType, JamaahStatus, NewJamaah, Nik, NikWarning, Notes,
    PackageId, PersonName, PhoneNumber,
    value::{MAX_AGE_OF_TWO_DIGIT_YEARS, MAX_AGE_YEARS},
};
use import_engine::{
    BatchRow, Field, IssueCode, Language, Locale, Schema, SetupError,
    fields::{DateBound, TwoDigitYears, UniqueKey},
    rules::Row,
};

use crate::{
    PACKAGE, RecordError,
    headers::named,
    jakarta,
    record::{At, Cells},
    rule, start,
};

const NAMA: At = (0, "nama");
const EMAIL: At = (1, "email");
const TELEPON: At = (2, "telepon");
const ALAMAT: At = (3, "alamat");
const KTP: At = (4, "ktp");
const TANGGAL_LAHIR: At = (5, "tanggal_lahir");
const JENIS_KELAMIN: At = (6, "jenis_kelamin");
const PAKET_ID: At = (7, "paket_id");
const STATUS: At = (8, "status");
const CATATAN: At = (9, "catatan");
/// Not stored: shows whether `No Identitas` is the number of an identity card.
const JENIS_IDENTITAS: At = (10, "jenis_identitas");

pub(crate) fn schema() -> Result<Schema, SetupError> {
    let schema = fields()
        .into_iter()
        .fold(start(ImportType::Jamaah), |schema, field| {
            schema.field(named(ImportType::Jamaah, field))
        });
    let codes = NikWarning::ALL
        .iter()
        .map(|warning| IssueCode::new(warning.code()));
    let schema = schema.codes(codes);
    let schema = NikWarning::ALL
        .iter()
        .map(|warning| warning.wording())
        .fold(schema, |schema, words| {
            let code = IssueCode::new(words.code);
            schema
                .message(code, Language::INDONESIAN, words.indonesian)
                .message(code, Language::ENGLISH, words.english)
        });
    schema
        .unique(
            UniqueKey::repeated_row([
                NAMA.1,
                TELEPON.1,
                ALAMAT.1,
                TANGGAL_LAHIR.1,
                JENIS_KELAMIN.1,
                PAKET_ID.1,
                CATATAN.1,
            ])
            .unless_mapped([KTP.1, EMAIL.1])
            .named("whole_jamaah")
            .reported_on(NAMA.1),
        )
        .row_rule(
            [KTP.1, TANGGAL_LAHIR.1, JENIS_KELAMIN.1, JENIS_IDENTITAS.1],
            identity,
        )
        .build()
}

fn fields() -> [Field; 11] {
    [
        Field::text(NAMA.1)
            .required()
            .empty_words(
                Locale::INDONESIAN
                    .words_for_nothing()
                    .filter(|word| !rule::is_a_name(word)),
            )
            .rule(rule::person_name)
            .example("Ahmad Rizki"),
        Field::text(EMAIL.1)
            .unique()
            .sensitive()
            .rule(rule::email)
            .expected("nama@domain.com")
            .example("ahmad.rizki@example.com"),
        // No key: families share a telephone.
        Field::text(TELEPON.1)
            .sensitive()
            // A number is never zero: it is entered for people without one.
            .empty_words(
                Locale::INDONESIAN
                    .words_for_nothing()
                    .chain(["0", "00", "000"]),
            )
            .rule(rule::phone)
            .expected("satu nomor, mis. 081234567890 atau +6281234567890")
            .example("081234567890"),
        Field::multiline(ALAMAT.1)
            .sensitive()
            .max_chars(Address::MAX_CHARS)
            .example("Jl. Merdeka No. 12, Jakarta"),
        Field::digits(KTP.1, 16, 16)
            .unique()
            .sensitive()
            .rule(rule::nik)
            .expected("16 digit angka")
            .example("3175010505909001"),
        Field::date(TANGGAL_LAHIR.1)
            .sensitive()
            .two_digit_years(TwoDigitYears::Past {
                max_age: MAX_AGE_OF_TWO_DIGIT_YEARS,
            })
            .not_before(DateBound::YearsAgo(MAX_AGE_YEARS))
            .not_after(DateBound::Today)
            .zone(jakarta())
            .example("1990-05-05"),
        Field::choice(JENIS_KELAMIN.1, Gender::WORDS)
            .rule(rule::word::<Gender>)
            .example("L"),
        Field::reference(PAKET_ID.1, PACKAGE)
            .required()
            .expected("ID paket atau nama paket yang terdaftar")
            .message(
                IssueCode::REFERENCE_NOT_FOUND,
                Language::INDONESIAN,
                "Paket dengan ID '{value}' tidak ditemukan",
            )
            .message(
                IssueCode::REFERENCE_NOT_FOUND,
                Language::ENGLISH,
                "There is no package '{value}'",
            )
            .message(
                IssueCode::REFERENCE_AMBIGUOUS,
                Language::INDONESIAN,
                "Paket '{value}' cocok dengan {count} paket; isi paket_id dengan ID paket",
            )
            .message(
                IssueCode::REFERENCE_AMBIGUOUS,
                Language::ENGLISH,
                "'{value}' matches {count} packages; give the ID of the package as paket_id",
            )
            .example("Umroh Reguler 9 Hari"),
        Field::choice(STATUS.1, JamaahStatus::WORDS)
            .rule(rule::word::<JamaahStatus>)
            .example("registered"),
        Field::multiline(CATATAN.1)
            .sensitive()
            // In a note, it is a remark about a pilgrim who comes later.
            .empty_words(
                Locale::INDONESIAN
                    .words_for_nothing()
                    .filter(|word| !word.contains("menyusul")),
            )
            .max_chars(Notes::MAX_CHARS)
            .example("Kursi roda"),
        Field::text(JENIS_IDENTITAS.1).auxiliary(),
    ]
}

/// Compares the identity card's number with the rest of the row.
fn identity(row: &mut Row<'_>) {
    if let Some(kind) = row.at(JENIS_IDENTITAS.0).as_text()
        && !matches!(kind.to_ascii_uppercase().as_str(), "NIK" | "KTP")
    {
        row.clear(KTP.1);
        return;
    }
    let Some(nik) = row
        .at(KTP.0)
        .as_text()
        .and_then(|digits| Nik::parse(digits).ok())
    else {
        return;
    };
    let birth = row.at(TANGGAL_LAHIR.0).as_date();
    let gender = row
        .at(JENIS_KELAMIN.0)
        .as_text()
        .and_then(|word| word.parse().ok());
    for warning in nik.warnings(birth, gender) {
        row.warn(KTP.1, IssueCode::new(warning.code()));
    }
}

/// The record of a checked row.
///
/// # Errors
///
/// [`RecordError`] if the row was not checked by this schema with a lookup.
pub fn record(row: BatchRow<'_>) -> Result<NewJamaah, RecordError> {
    let cells = Cells(row);
    Ok(NewJamaah {
        nama: cells.required(NAMA, cells.text(NAMA, PersonName::parse)?)?,
        email: cells.text(EMAIL, EmailAddress::parse)?,
        telepon: cells.text(TELEPON, PhoneNumber::parse)?,
        alamat: cells.text(ALAMAT, Address::parse)?,
        ktp: cells.text(KTP, Nik::parse)?,
        tanggal_lahir: cells.date(TANGGAL_LAHIR),
        jenis_kelamin: cells.text(JENIS_KELAMIN, Gender::parse)?,
        paket_id: PackageId::from_uuid(cells.id(PAKET_ID)?),
        status: cells
            .text(STATUS, JamaahStatus::parse)?
            .unwrap_or(JamaahStatus::DEFAULT),
        catatan: cells.text(CATATAN, Notes::parse)?,
    })
}
