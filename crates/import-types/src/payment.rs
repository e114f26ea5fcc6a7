//! Payments: what a file of them must hold, and the record of a row.

use domain::{
    ImportType, JamaahId, JamaahRef, NewPayment, Notes, PaymentMethod, ReferenceNumber, Rupiah,
    ValueError,
    value::{FIRST_PLAUSIBLE_DAY, LAST_PLAUSIBLE_DAY},
};
use import_engine::{
    BatchRow, Field, IssueCode, Language, Schema, SetupError,
    fields::{TwoDigitYears, UniqueKey},
    rules::{Cell, Problem, Row},
};

use crate::{
    JAMAAH, RecordError,
    headers::named,
    jakarta,
    record::{At, Cells},
    rule, start,
};

const JAMAAH_ID: At = (0, "jamaah_id");
const JUMLAH: At = (1, "jumlah");
const TANGGAL_BAYAR: At = (2, "tanggal_bayar");
const METODE_PEMBAYARAN: At = (3, "metode_pembayaran");
const NOMOR_REFERENSI: At = (4, "nomor_referensi");
const CATATAN: At = (5, "catatan");
/// Not stored: whether money came in or went out.
const ARAH: At = (6, "arah");
/// Not stored: the currency of the amount.
const MATA_UANG: At = (7, "mata_uang");

pub(crate) fn schema() -> Result<Schema, SetupError> {
    fields()
        .into_iter()
        .fold(start(ImportType::Payment), |schema, field| {
            schema.field(named(ImportType::Payment, field))
        })
        // One transfer may pay for a family, so a receipt is unique for a pilgrim alone.
        .unique(
            UniqueKey::on([JAMAAH_ID.1, NOMOR_REFERENSI.1])
                .reported_on(NOMOR_REFERENSI.1)
                .case_sensitive(),
        )
        // Two equal instalments a day do happen.
        .unique(
            UniqueKey::repeated_row([
                JAMAAH_ID.1,
                JUMLAH.1,
                TANGGAL_BAYAR.1,
                METODE_PEMBAYARAN.1,
                NOMOR_REFERENSI.1,
                CATATAN.1,
            ])
            .named("whole_payment")
            .reported_on(JUMLAH.1),
        )
        .refuse_beside(JUMLAH.1, money_back::WORDS)
        .row_rule([JUMLAH.1, CATATAN.1, ARAH.1], money_back::rule)
        .row_rule([JUMLAH.1, MATA_UANG.1], |row: &mut Row<'_>| {
            rule::in_rupiah_of(row, JUMLAH.1, MATA_UANG);
        })
        .build()
}

fn fields() -> [Field; 8] {
    [
        Field::reference(JAMAAH_ID.1, JAMAAH)
            .required()
            .sensitive()
            .rule(reference)
            .expected("ID, NIK, email, telepon, atau nama jamaah yang terdaftar")
            .message(
                IssueCode::REFERENCE_NOT_FOUND,
                Language::INDONESIAN,
                "Jamaah dengan ID '{value}' tidak ditemukan",
            )
            .message(
                IssueCode::REFERENCE_NOT_FOUND,
                Language::ENGLISH,
                "There is no pilgrim '{value}'",
            )
            .message(
                IssueCode::REFERENCE_AMBIGUOUS,
                Language::INDONESIAN,
                "Jamaah '{value}' cocok dengan {count} jamaah; isi jamaah_id dengan ID atau NIK",
            )
            .message(
                IssueCode::REFERENCE_AMBIGUOUS,
                Language::ENGLISH,
                "'{value}' matches {count} pilgrims; give the ID or NIK as jamaah_id",
            )
            .example("3175010505909001"),
        Field::integer(JUMLAH.1)
            .required()
            .rule(rule::paid_rupiah)
            .likely(Rupiah::LIKELY_PAYMENT.0, Rupiah::LIKELY_PAYMENT.1)
            .expected("rupiah bulat, mis. 25000000 atau Rp25.000.000")
            .example("5000000"),
        Field::date(TANGGAL_BAYAR.1)
            .required()
            .two_digit_years(TwoDigitYears::From2000)
            .not_before(FIRST_PLAUSIBLE_DAY)
            .not_after(LAST_PLAUSIBLE_DAY)
            .zone(jakarta())
            .example("2027-01-05"),
        Field::choice(METODE_PEMBAYARAN.1, PaymentMethod::WORDS)
            .required()
            .rule(rule::word::<PaymentMethod>)
            .example("transfer_bank"),
        Field::text(NOMOR_REFERENSI.1)
            .rule(rule::reference_number)
            .example("KW-0001"),
        Field::multiline(CATATAN.1)
            .sensitive()
            .max_chars(Notes::MAX_CHARS)
            .example("DP"),
        Field::text(ARAH.1)
            .auxiliary()
            // `-` is a mark.
            .empty_words(std::iter::empty::<&str>())
            .known_by_cells(money_back::MARKS),
        Field::text(MATA_UANG.1)
            .auxiliary()
            .known_by_cells(rule::currencies()),
    ]
}

/// Money that went out is not a payment of a pilgrim, whatever sign its amount has.
mod money_back {
    use import_engine::{
        IssueCode,
        issues::IssueKind,
        rules::{Problem, Row},
    };

    use super::{ARAH, CATATAN, JUMLAH};

    /// What a column beside the fields says of money that went back, as its whole cell.
    pub(super) const WORDS: &[&str] = &[
        "refund",
        "refunded",
        "pengembalian",
        "pengembalian dana",
        "pengembalian uang",
        "uang kembali",
        "dikembalikan",
        "kembali",
        "dana kembali",
        "refund dp",
        "refund sebagian",
        "refund penuh",
        "pengembalian dp",
        "penarikan",
        "penarikan tunai",
        "tarik",
        "tarikan",
        "tarik tunai",
        "ditarik",
        "transfer keluar",
        "withdrawal",
        "withdraw",
        "cancel",
        "cancelled",
        "canceled",
        "belum dibayar",
        "belum bayar",
        "belum transfer",
        "belum diterima",
        "menunggu pembayaran",
        "unpaid",
        "retur",
        "pembatalan",
        "reversal",
        "void",
        "chargeback",
        "keluar",
        "uang keluar",
        "dana keluar",
        "pengeluaran",
        "db",
        "batal",
        "dibatalkan",
        "cancelled",
        "canceled",
        "gagal",
        "failed",
        "ditolak",
        "rejected",
        "expired",
        "kedaluwarsa",
        "kadaluarsa",
    ];

    /// The marks of money that went out, in a column that is known to hold such marks: those of bank statements, as agencies get
    /// them.
    const OUT: &[&str] = &[
        "d", "db", "dr", "debit", "debet", "out", "-", "\u{2212}", "\u{2013}",
    ];

    /// The words with which a note of money that went back begins.
    const NOTES: &[&str] = &[
        "refund",
        "pengembalian",
        "retur ",
        "uang kembali",
        "dana kembali",
        "kembali dana",
        "kembali uang",
        "reversal",
    ];

    /// All marks of a direction, and nothing else stands in such a column, whatever it is called.
    pub(super) const MARKS: &[&str] = &[
        "d",
        "k",
        "c",
        "db",
        "cr",
        "dr",
        "dk",
        "debit",
        "debet",
        "kredit",
        "credit",
        "masuk",
        "keluar",
        "in",
        "out",
        "uang masuk",
        "uang keluar",
        "dana masuk",
        "dana keluar",
        "penerimaan",
        "pengeluaran",
        "setoran",
        "penarikan",
        "setor",
        "tarik",
        "tarikan",
        "deposit",
        "withdrawal",
        "withdraw",
        "terima",
        "diterima",
        "pemasukan",
        "+",
        "-",
    ];

    pub(super) fn rule(row: &mut Row<'_>) {
        let says = |field: usize, is: &dyn Fn(&str) -> bool| {
            let text = row.at(field).as_text()?;
            // `(BATAL)`, but `-` is a mark.
            let word = text.trim_matches(|c: char| !c.is_alphanumeric());
            let word = if word.is_empty() { text } else { word };
            is(&word.to_lowercase()).then(|| text.to_owned())
        };
        let mark = says(ARAH.0, &|text| OUT.contains(&text) || WORDS.contains(&text));
        let note = || {
            says(CATATAN.0, &|text| {
                NOTES.iter().any(|word| text.starts_with(word)) || WORDS.contains(&text)
            })
        };
        let found = mark
            .map(|found| (ARAH.0, found))
            .or_else(|| note().map(|found| (CATATAN.0, found)));
        if let Some((column, found)) = found {
            let problem = Problem::new(IssueCode::CONTRADICTED)
                .kind(IssueKind::ConstraintViolation)
                .with("column", row.column_name(column))
                .with("found", found);
            row.refuse(JUMLAH.1, problem);
        }
    }
}

/// A NIK that a spreadsheet destroyed refers to no pilgrim: that is the cell's fault, not the registry's.
fn reference(cell: &mut Cell<'_>) -> Result<(), Problem> {
    match JamaahRef::parse(cell.text()) {
        Ok(JamaahRef::Ktp(nik)) if nik.as_str() != cell.text() => {
            cell.set(nik.as_str());
            Ok(())
        }
        Err(damage @ (ValueError::ScientificNotation | ValueError::NarrowColumn)) => {
            Err(rule::problem(damage))
        }
        _ => Ok(()),
    }
}

/// The record of a checked row.
///
/// # Errors
///
/// [`RecordError`] when the row was not checked by this schema with a lookup.
pub fn record(row: BatchRow<'_>) -> Result<NewPayment, RecordError> {
    let cells = Cells(row);
    Ok(NewPayment {
        jamaah_id: JamaahId::from_uuid(cells.id(JAMAAH_ID)?),
        jumlah: cells.required(JUMLAH, cells.number(JUMLAH, Rupiah::new)?)?,
        tanggal_bayar: cells.required(TANGGAL_BAYAR, cells.date(TANGGAL_BAYAR))?,
        metode_pembayaran: cells.required(
            METODE_PEMBAYARAN,
            cells.text(METODE_PEMBAYARAN, PaymentMethod::parse)?,
        )?,
        nomor_referensi: cells.text(NOMOR_REFERENSI, ReferenceNumber::parse)?,
        catatan: cells.text(CATATAN, Notes::parse)?,
    })
}
