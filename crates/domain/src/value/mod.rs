//! Value types: what a cell or a JSON string becomes once it has been read by the rules of its kind.

mod amount;
mod choice;
mod date;
mod email;
mod error;
mod field_error;
mod gender;
#[cfg(test)]
mod laws;
mod nik;
mod phone;
mod rupiah;
mod shown;
mod status;
mod text;
mod wording;

pub use amount::{Capacity, DurationDays};
pub use choice::Choice;
pub use date::{
    FIRST_PLAUSIBLE_DAY, LAST_PLAUSIBLE_DAY, MAX_AGE_OF_TWO_DIGIT_YEARS, MAX_AGE_YEARS, birth_date,
    departure_date, iso_date, payment_date,
};
pub use email::EmailAddress;
pub use error::ValueError;
pub use field_error::{FieldError, FieldErrors};
pub use gender::Gender;
pub use nik::{Nik, NikWarning};
pub use phone::PhoneNumber;
pub use rupiah::Rupiah;
pub use shown::{masked, shortened};
pub use status::{JamaahStatus, PackageStatus, PaymentMethod};
pub use text::{
    Address, Description, FreeText, Notes, PackageName, PersonName, ReferenceNumber, clean,
    clean_lines, is_invisible, match_key,
};
pub use wording::{WORDINGS, Wording, label};
