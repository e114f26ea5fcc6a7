//! Why a value was refused: a stable code, what would have been right, and the sentence for users in Indonesian.

use thiserror::Error;

/// Why a text is not a value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Holds a NUL character, which PostgreSQL cannot store.
    #[error("contains a NUL character")]
    Nul,
    /// More characters than the column takes.
    #[error("is longer than {max} characters")]
    TooLong {
        /// Characters allowed.
        max: usize,
    },
    /// A name without a single letter.
    #[error("contains no letter")]
    NoLetter,
    /// Not an e-mail address.
    #[error("is not an e-mail address")]
    Email,
    /// Not sixteen digits.
    #[error("is not a NIK of 16 digits")]
    Nik,
    /// Excel showed the number in scientific notation; its digits are lost.
    #[error("was damaged by scientific notation")]
    ScientificNotation,
    /// Excel showed `####`: the column was too narrow.
    #[error("was replaced by '#' because the column was too narrow")]
    NarrowColumn,
    /// Not a telephone number.
    #[error("is not a telephone number")]
    Phone,
    /// Letters beside the digits of a telephone number.
    #[error("contains letters beside a telephone number")]
    PhoneWithLetters,
    /// Two telephone numbers in one cell.
    #[error("contains more than one telephone number")]
    SeveralPhones,
    /// Not an amount of rupiah.
    #[error("is not an amount of rupiah")]
    Money,
    /// An amount that can be read in two ways.
    #[error("is an ambiguous amount")]
    AmbiguousMoney,
    /// An amount below zero.
    #[error("is a negative amount")]
    NegativeMoney,
    /// An amount with cents: rupiah are whole.
    #[error("has a fraction of a rupiah")]
    FractionOfRupiah,
    /// An amount in another currency.
    #[error("is in a currency other than rupiah")]
    ForeignCurrency,
    /// Not a number.
    #[error("is not a whole number")]
    Integer,
    /// A number with a fraction where only whole ones make sense.
    #[error("has a fraction")]
    Fraction,
    /// Outside what is plausible.
    #[error("is not between {min} and {max}")]
    OutOfRange {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// Not a date, or an impossible day.
    #[error("is not a date")]
    Date,
    /// A birth date after today.
    #[error("is in the future")]
    FutureDate,
    /// A date too long ago, or too far ahead, to be meant.
    #[error("is not a plausible date")]
    ImplausibleDate,
    /// None of the words allowed.
    #[error("is none of the words allowed")]
    UnknownWord {
        /// The words allowed.
        allowed: &'static [&'static str],
    },
    /// Not a UUID.
    #[error("is not a UUID")]
    Uuid,
}

impl ValueError {
    /// Its stable name in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::Nul => "nul_character",
            Self::TooLong { .. } => "too_long",
            Self::NoLetter => "no_letter",
            Self::Email => "invalid_email",
            Self::Nik => "invalid_nik",
            Self::ScientificNotation => "excel_scientific_notation",
            Self::NarrowColumn => "excel_narrow_column",
            Self::Phone => "invalid_phone",
            Self::PhoneWithLetters => "phone_with_letters",
            Self::SeveralPhones => "several_phones",
            Self::Money => "invalid_money",
            Self::AmbiguousMoney => "ambiguous_money",
            Self::NegativeMoney => "negative_money",
            Self::FractionOfRupiah => "fraction_of_rupiah",
            Self::ForeignCurrency => "foreign_currency",
            Self::Integer => "invalid_integer",
            Self::Fraction => "fraction",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Date => "invalid_date",
            Self::FutureDate => "future_date",
            Self::ImplausibleDate => "implausible_date",
            Self::UnknownWord { .. } => "unknown_word",
            Self::Uuid => "invalid_uuid",
        }
    }

    /// What would have been right, in Indonesian; none where the message says it all.
    #[must_use]
    pub fn expected(self) -> Option<String> {
        let fixed = match self {
            Self::Email => "nama@domain.com",
            Self::Nik | Self::ScientificNotation => "16 digit angka",
            Self::Phone | Self::PhoneWithLetters | Self::SeveralPhones => {
                "satu nomor, mis. 081234567890 atau +6281234567890"
            }
            Self::Money
            | Self::AmbiguousMoney
            | Self::NegativeMoney
            | Self::FractionOfRupiah
            | Self::ForeignCurrency => "rupiah bulat, mis. 25000000 atau Rp25.000.000",
            Self::Integer | Self::Fraction => "bilangan bulat, mis. 12",
            Self::Date | Self::FutureDate | Self::ImplausibleDate => "YYYY-MM-DD atau DD/MM/YYYY",
            Self::Uuid => "UUID",
            Self::TooLong { max } => return Some(format!("paling banyak {max} karakter")),
            Self::OutOfRange { min, max } => return Some(format!("{min} sampai {max}")),
            Self::UnknownWord { allowed } => return Some(allowed.join(", ")),
            Self::Empty | Self::Nul | Self::NoLetter | Self::NarrowColumn => return None,
        };
        Some(fixed.to_owned())
    }

    /// The sentence for users, in the style of the published ones: `Email tidak valid: ahmad@email`.
    #[must_use]
    pub fn message(self, field: &str, value: &str) -> String {
        let label = label(field);
        let value = shorten(value);
        match self {
            Self::Empty => format!("Field '{field}' wajib diisi"),
            Self::Nul => format!("{label} mengandung karakter NUL yang tidak dapat disimpan"),
            Self::TooLong { max } => format!("{label} terlalu panjang (maksimal {max} karakter)"),
            Self::NoLetter => format!("{label} tidak mengandung huruf: {value}"),
            Self::Nik => format!("NIK harus 16 digit angka: {value}"),
            Self::ScientificNotation => {
                format!(
                    "{label} rusak oleh format Excel ({value}). Ubah kolom menjadi Teks lalu ekspor ulang"
                )
            }
            Self::NarrowColumn => format!(
                "{label} rusak oleh kolom Excel yang terlalu sempit ({value}). Lebarkan kolom lalu ekspor ulang"
            ),
            Self::PhoneWithLetters => format!("{label} tidak boleh mengandung huruf: {value}"),
            Self::SeveralPhones => format!("{label} berisi lebih dari satu nomor: {value}"),
            Self::AmbiguousMoney => {
                format!("{label} bermakna ganda, tulis dalam rupiah penuh: {value}")
            }
            Self::NegativeMoney => format!("{label} tidak boleh negatif: {value}"),
            Self::FractionOfRupiah => format!("{label} tidak boleh memuat sen: {value}"),
            Self::ForeignCurrency => format!("{label} harus dalam rupiah: {value}"),
            Self::Fraction => format!("{label} harus bilangan bulat: {value}"),
            Self::OutOfRange { min, max } => {
                format!("{label} harus antara {min} dan {max}: {value}")
            }
            Self::FutureDate => format!("{label} tidak boleh di masa depan: {value}"),
            Self::ImplausibleDate => format!("{label} tidak masuk akal: {value}"),
            Self::UnknownWord { allowed } => format!(
                "{label} tidak valid: {value} (pilihan: {})",
                allowed.join(", ")
            ),
            Self::Email | Self::Phone | Self::Money | Self::Integer | Self::Date | Self::Uuid => {
                format!("{label} tidak valid: {value}")
            }
        }
    }
}

/// What users call a field at the beginning of a sentence.
#[must_use]
pub fn label(field: &str) -> String {
    let fixed = match field {
        "ktp" => "NIK",
        "telepon" => "Nomor telepon",
        "paket_id" => "Paket",
        "jamaah_id" => "Jamaah",
        _ => {
            let spaced = field.replace('_', " ");
            let mut letters = spaced.chars();
            return letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            });
        }
    };
    fixed.to_owned()
}

/// A cell may be megabytes long; a message quotes its beginning.
fn shorten(value: &str) -> std::borrow::Cow<'_, str> {
    /// Characters of a value that a message quotes.
    const QUOTED: usize = 100;
    match value.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &value[..end]).into(),
        None => value.into(),
    }
}
