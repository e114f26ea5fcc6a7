//! Why a value was refused: a stable code, the expected format, and the message for users in Indonesian.

use thiserror::Error;

use super::{
    shown::shortened,
    wording::{WORDINGS, Wording, label},
};

/// Characters of a value that a message quotes: a cell may be megabytes long.
const QUOTED: usize = 100;

/// Why a text is not a value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Only blanks.
    #[error("is empty")]
    Empty,
    /// Holds a NUL character, which PostgreSQL cannot store.
    #[error("contains a NUL character")]
    Nul,
    /// More characters than the column allows.
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
    /// A spreadsheet may have rounded its last digits.
    #[error("may have been rounded by a spreadsheet")]
    Rounded,
    /// Excel showed `####`: the column was too narrow.
    #[error("was replaced by '#' because the column was too narrow")]
    NarrowColumn,
    /// Not a telephone number.
    #[error("is not a telephone number")]
    Phone,
    /// Letters among the digits of a telephone number.
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
    /// A number with a fraction where only whole numbers make sense.
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
    /// A date too far in the past or the future to be intended.
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
            Self::Nul => "nul",
            Self::TooLong { .. } => "too_long",
            Self::NoLetter => "no_letter",
            Self::Email => "email",
            Self::Nik => "invalid_nik",
            Self::ScientificNotation => "excel_scientific",
            Self::Rounded => "excel_rounded",
            Self::NarrowColumn => "excel_hashes",
            Self::Phone => "invalid_phone",
            Self::PhoneWithLetters => "phone_with_letters",
            Self::SeveralPhones => "several_phones",
            Self::Money | Self::Integer => "number",
            Self::AmbiguousMoney => "number_ambiguous",
            Self::NegativeMoney => "number_negative",
            Self::FractionOfRupiah => "fraction_of_rupiah",
            Self::ForeignCurrency => "number_currency",
            Self::Fraction => "number_fraction",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Date => "date",
            Self::FutureDate => "future_date",
            Self::ImplausibleDate => "implausible_date",
            Self::UnknownWord { .. } => "choice",
            Self::Uuid => "uuid",
        }
    }

    /// The expected format, in Indonesian; `None` if the message is sufficient.
    #[must_use]
    pub fn expected(self) -> Option<String> {
        let fixed = match self {
            Self::Email => "nama@domain.com",
            Self::Nik | Self::ScientificNotation | Self::Rounded => "16 digit angka",
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

    /// The message for users, in the style of the published ones: `Email tidak valid: ahmad@email`.
    #[must_use]
    pub fn message(self, field: &str, value: &str) -> String {
        let mut text = self
            .wording()
            .indonesian
            .replace("{label}", &label(field))
            .replace("{field}", field);
        for (name, parameter) in self.params() {
            text = text.replace(&format!("{{{name}}}"), &parameter);
        }
        // Last, so that braces in the value are not replaced.
        text.replace("{value}", &shortened(value, QUOTED))
    }

    /// The parameters of the message by name.
    #[must_use]
    pub fn params(self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLong { max } => vec![("limit", max.to_string())],
            Self::OutOfRange { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            Self::UnknownWord { allowed } => vec![("allowed", allowed.join(", "))],
            _ => Vec::new(),
        }
    }

    /// The messages with their placeholders: `{label}`, `{field}`, `{value}` and the names of [`Self::params`].
    #[must_use]
    pub fn wording(self) -> &'static Wording {
        let code = self.code();
        WORDINGS
            .iter()
            .find(|wording| wording.code == code)
            .unwrap_or(&WORDINGS[0])
    }
}
