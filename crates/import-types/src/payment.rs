//! Payments: what their files must contain, and the record of a row.

use domain::{
    ImportType, JamaahId, JamaahRef, NewPayment, Nik, Notes, PaymentMethod, ReferenceNumber,
    Rupiah, ValueError,
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
        // One transfer may pay for a family, so a receipt is unique only per pilgrim.
        .unique(
            UniqueKey::on([JAMAAH_ID.1, NOMOR_REFERENSI.1])
                .reported_on(NOMOR_REFERENSI.1)
                .case_sensitive(),
        )
        // Two equal instalments on a day are possible.
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
        .doubt_beside(JUMLAH.1, not_yet::BEGINNINGS)
        .doubt_denied_beside(JUMLAH.1, not_yet::ASKED.iter().copied(), not_yet::DENIALS)
        .message(
            IssueCode::DOUBTED,
            Language::INDONESIAN,
            "Kolom '{column}' berisi '{found}': uang ini mungkin belum diterima",
        )
        .message(
            IssueCode::DOUBTED,
            Language::ENGLISH,
            "'{column}' says '{found}': this money may not have been received yet",
        )
        .row_rule([JUMLAH.1, CATATAN.1, ARAH.1], money_back::rule)
        .row_rule([JUMLAH.1, CATATAN.1], not_yet::rule)
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
            .known_by_cells(money_back::MARKS)
            .known_by_pairs(money_back::PAIRS.iter().copied()),
        Field::text(MATA_UANG.1)
            .auxiliary()
            .known_by_cells(rule::currencies()),
    ]
}

/// Money that went out is not a payment by a pilgrim, whatever the sign of its amount.
mod money_back {
    use import_engine::{
        IssueCode,
        issues::IssueKind,
        rules::{Problem, Row},
    };

    use super::{ARAH, CATATAN, JUMLAH};

    /// Whole cells of columns besides the fields that mean a refund.
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
        "kas keluar",
        "bank keluar",
        "pengeluaran",
        "pengeluaran kas",
        "outgoing",
        "outflow",
        "out flow",
        "money out",
        "cash out",
        "transfer out",
        "payout",
        "pay out",
        "paid out",
        "disbursement",
        "disbursed",
        "pencairan",
        "expense",
        "expenses",
        "belanja",
        "db",
        "batal",
        "dibatalkan",
        "gagal",
        "transfer gagal",
        "tidak berhasil",
        "failed",
        "declined",
        "denied",
        "bounced",
        "returned",
        "cek kosong",
        "giro kosong",
        "timeout",
        "ditolak",
        "rejected",
        "expired",
        "kedaluwarsa",
        "kadaluarsa",
    ];

    /// The marks of money that went out, in a column that is known to hold such marks: those of the bank statements that
    /// agencies get.
    const OUT: &[&str] = &[
        "d", "db", "dr", "debit", "debet", "out", "minus", "biaya", "-", "\u{2212}", "\u{2013}",
    ];

    /// Pairs of words that together mean money in and money out; each of them alone is the state of a payment.
    pub(super) const PAIRS: &[(&str, &str)] = &[
        ("received", "paid"),
        ("receive", "pay"),
        ("received", "sent"),
        ("receipt", "payment"),
        ("receipts", "payments"),
        ("terima", "bayar"),
        ("terima", "kirim"),
        ("diterima", "dibayarkan"),
        ("diterima", "dikirim"),
        ("penerimaan", "pembayaran"),
        ("pemasukan", "pembayaran"),
        ("masuk", "bayar"),
    ];

    /// The words with which a note about a refund begins.
    const NOTES: &[&str] = &[
        "refund",
        "pengembalian",
        "retur ",
        "uang kembali",
        "dana kembali",
        "kembali dana",
        "kembali uang",
        "reversal",
        "pengeluaran",
        "uang keluar",
        "dana keluar",
        "kas keluar",
        "outgoing",
        "outflow",
    ];

    /// All marks of a direction: such a column holds only these, whatever its header is.
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
        "kas masuk",
        "bank masuk",
        "transfer masuk",
        "transfer keluar",
        "kas keluar",
        "bank keluar",
        "pengeluaran kas",
        "penerimaan kas",
        "incoming",
        "outgoing",
        "inflow",
        "outflow",
        "money in",
        "money out",
        "cash in",
        "cash out",
        "transfer in",
        "transfer out",
        "paid in",
        "paid out",
        "payout",
        "disbursement",
        "pencairan",
        "income",
        "expense",
        "expenses",
        "pendapatan",
        "biaya",
        "belanja",
        "top up",
        "topup",
        "uang diterima",
        "dana diterima",
        "penyetoran",
        "plus",
        "minus",
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
        let is_out = |text: &str| {
            OUT.contains(&text)
                || WORDS.contains(&text)
                || PAIRS.iter().any(|(_, out)| *out == text)
        };
        let mark = says(ARAH.0, &is_out);
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

/// Money that is expected, announced or not yet checked is not certainly a payment. A cell that shows this gets only a
/// warning, because the column may be about something else.
mod not_yet {
    use import_engine::{
        IssueCode,
        rules::{Problem, Row},
    };

    use super::{CATATAN, JUMLAH};

    /// The beginnings of states that are not final, or not good. `Paid`, `Lunas`, `Settlement` and the like are final.
    pub(super) const BEGINNINGS: &[&str] = &[
        "outgoing",
        "refund",
        "retur",
        "gagal",
        "failed",
        "ditolak",
        "rejected",
        "declined",
        "batal",
        "dibatalkan",
        "pending",
        "menunggu",
        "tunggu",
        "nunggu",
        "menanti",
        "waiting",
        "wait",
        "awaiting",
        "await",
        "diproses",
        "proses",
        "dalam proses",
        "sedang diproses",
        "sedang proses",
        "masih proses",
        "processing",
        "in process",
        "in progress",
        "on process",
        "on progress",
        "on hold",
        "hold",
        "ditahan",
        "tertunda",
        "ditunda",
        "tertahan",
        "delayed",
        "postponed",
        "belum lunas",
        "belum bayar",
        "belum dibayar",
        "belum diterima",
        "belum masuk",
        "belum cair",
        "belum transfer",
        "belum ditransfer",
        "belum setor",
        "belum disetor",
        "belum konfirmasi",
        "belum dikonfirmasi",
        "belum terkonfirmasi",
        "belum verifikasi",
        "belum diverifikasi",
        "belum terverifikasi",
        "belum valid",
        "belum divalidasi",
        "belum dicek",
        "belum cek",
        "belum berhasil",
        "belum sukses",
        "belum selesai",
        "belum settle",
        "belum efektif",
        "belum disetujui",
        "belum jelas",
        "belum ada bukti",
        "belum ada uang",
        "blm lunas",
        "blm bayar",
        "blm dibayar",
        "blm diterima",
        "blm masuk",
        "blm cair",
        "blm transfer",
        "blm tf",
        "belum tf",
        "blm setor",
        "blm konfirmasi",
        "blm verifikasi",
        "blm dicek",
        "blm cek",
        "tidak diterima",
        "tidak masuk",
        "tidak valid",
        "not received",
        "not paid",
        "not verified",
        "not yet",
        "not confirmed",
        "not settled",
        "unverified",
        "unconfirmed",
        "unsettled",
        "uncleared",
        "unpaid",
        "outstanding",
        "overdue",
        "past due",
        "due",
        "jatuh tempo",
        "menunggak",
        "nunggak",
        "tunggakan",
        "terutang",
        "hutang",
        "piutang",
        "tempo",
        "draft",
        "draf",
        "scheduled",
        "terjadwal",
        "dijadwalkan",
        "initiated",
        "submitted",
        "requested",
        "authorized",
        "authorised",
        "under review",
        "review",
        "perlu dicek",
        "perlu cek",
        "perlu konfirmasi",
        "perlu verifikasi",
        "cek mutasi",
        "rencana",
        "janji",
        "akan dibayar",
        "akan transfer",
        "estimasi",
        "proforma",
        "meragukan",
        "tidak ditemukan",
        "invalid",
        "disputed",
        "dispute",
        "suspended",
        "suspend",
    ];

    /// Words in headers below which a denial means that the money has not arrived.
    pub(super) const ASKED: &[&str] = &[
        "status",
        "lunas",
        "diterima",
        "terima",
        "received",
        "paid",
        "masuk",
        "cair",
        "verified",
        "verifikasi",
        "terverifikasi",
        "diverifikasi",
        "verification",
        "konfirmasi",
        "dikonfirmasi",
        "terkonfirmasi",
        "confirmed",
        "confirmation",
        "valid",
        "validasi",
        "tervalidasi",
        "divalidasi",
        "approved",
        "approval",
        "disetujui",
        "berhasil",
        "sukses",
        "success",
        "successful",
        "settled",
        "settlement",
        "cleared",
        "dicek",
        "checked",
        "selesai",
        "completed",
        "efektif",
        "disetor",
        "ditransfer",
        "terbayar",
    ];

    /// The words that people write for "no".
    pub(super) const DENIALS: &[&str] = &[
        "belum",
        "blm",
        "tidak",
        "tdk",
        "no",
        "n",
        "false",
        "not yet",
        "nope",
        "bukan",
        "\u{2717}",
        "\u{2718}",
        "\u{274c}",
        "belum ada",
        "blm ada",
    ];

    /// Notes that consist of one of these words alone; longer notes may be about many things.
    const NOTES: &[&str] = &[
        "pending",
        "menunggu",
        "belum diterima",
        "belum masuk",
        "belum dibayar",
        "belum bayar",
        "belum cair",
        "belum transfer",
        "unverified",
        "unpaid",
        "on hold",
        "tertunda",
        "ditunda",
        "draft",
        "jatuh tempo",
    ];

    pub(super) fn rule(row: &mut Row<'_>) {
        let Some(note) = row.at(CATATAN.0).as_text() else {
            return;
        };
        let word = note.trim_matches(|c: char| !c.is_alphanumeric());
        if NOTES.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            let problem = Problem::new(IssueCode::DOUBTED)
                .with("column", row.column_name(CATATAN.0))
                .with("found", word.to_owned());
            row.warn(JUMLAH.1, problem);
        }
    }
}

/// A NIK that a spreadsheet destroyed refers to no pilgrim: the error is in the cell, not in the registry.
fn reference(cell: &mut Cell<'_>) -> Result<(), Problem> {
    match JamaahRef::parse(cell.text()) {
        Ok(JamaahRef::Ktp(nik)) if nik.as_str() != cell.text() => {
            if Nik::is_written_as_number(cell.text()) {
                cell.warn(IssueCode::STORED_AS_NUMBER);
            }
            cell.set(nik.as_str());
            Ok(())
        }
        Err(damage @ (ValueError::ScientificNotation | ValueError::NarrowColumn)) => {
            Err(rule::problem(damage))
        }
        // A number that may have lost its last digit does not identify a pilgrim either.
        _ if cell.text().ends_with('0') && Nik::is_written_as_number(cell.text()) => {
            Nik::parse(cell.text()).map(|_| ()).map_err(rule::problem)
        }
        _ => Ok(()),
    }
}

/// The record of a checked row.
///
/// # Errors
///
/// [`RecordError`] if the row was not checked by this schema with a lookup.
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
