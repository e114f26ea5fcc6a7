//! The messages for users of every code of a value error, in Indonesian and English, and the names that users know for
//! fields.

/// A code's messages for users, with placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// The code.
    pub code: &'static str,
    /// In Indonesian, the users' language.
    pub indonesian: &'static str,
    /// In English.
    pub english: &'static str,
}

const fn wording(code: &'static str, indonesian: &'static str, english: &'static str) -> Wording {
    Wording {
        code,
        indonesian,
        english,
    }
}

/// The catalogue: every code of [`ValueError`](super::ValueError) once. The first is for everything without a more
/// specific message.
pub const WORDINGS: &[Wording] = &[
    wording(
        "invalid_value",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
    wording(
        "required",
        "Field '{field}' wajib diisi",
        "Field '{field}' is required",
    ),
    wording(
        "nul",
        "{label} mengandung karakter NUL yang tidak dapat disimpan",
        "{label} contains a NUL character, which cannot be stored",
    ),
    wording(
        "too_long",
        "{label} terlalu panjang (maksimal {limit} karakter)",
        "{label} is too long (at most {limit} characters)",
    ),
    wording(
        "no_letter",
        "{label} tidak mengandung huruf: {value}",
        "{label} contains no letter: {value}",
    ),
    wording(
        "email",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
    wording(
        "invalid_nik",
        "{label} harus 16 digit angka: {value}",
        "{label} must be 16 digits: {value}",
    ),
    wording(
        "excel_scientific",
        "{label} rusak oleh format Excel ({value}). Ubah kolom menjadi Teks lalu ekspor ulang",
        "{label} was damaged by Excel ({value}). Format the column as text and export again",
    ),
    wording(
        "excel_rounded",
        "{label} tampaknya dibulatkan oleh Excel ({value}). Ubah kolom menjadi Teks, lalu ketik ulang dari sumber aslinya",
        "{label} seems rounded by a spreadsheet ({value}). Format the column as text and type it again from its source",
    ),
    wording(
        "excel_hashes",
        "{label} rusak oleh kolom Excel yang terlalu sempit ({value}). Lebarkan kolom lalu ekspor ulang",
        "{label} was damaged by a column too narrow for it ({value}). Widen the column and export again",
    ),
    wording(
        "invalid_phone",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
    wording(
        "phone_with_letters",
        "{label} tidak boleh mengandung huruf: {value}",
        "{label} must not contain letters: {value}",
    ),
    wording(
        "several_phones",
        "{label} berisi lebih dari satu nomor: {value}",
        "{label} holds more than one number: {value}",
    ),
    wording(
        "number",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
    wording(
        "number_ambiguous",
        "{label} bermakna ganda, tulis dalam rupiah penuh: {value}",
        "{label} can be read in two ways, write whole rupiah: {value}",
    ),
    wording(
        "number_negative",
        "{label} tidak boleh negatif: {value}",
        "{label} must not be negative: {value}",
    ),
    wording(
        "fraction_of_rupiah",
        "{label} tidak boleh memuat sen: {value}",
        "{label} must not have cents: {value}",
    ),
    wording(
        "number_currency",
        "{label} harus dalam rupiah: {value}",
        "{label} must be in rupiah: {value}",
    ),
    wording(
        "number_fraction",
        "{label} harus bilangan bulat: {value}",
        "{label} must be a whole number: {value}",
    ),
    wording(
        "out_of_range",
        "{label} harus antara {min} dan {max}: {value}",
        "{label} must be between {min} and {max}: {value}",
    ),
    wording(
        "date",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
    wording(
        "future_date",
        "{label} tidak boleh di masa depan: {value}",
        "{label} must not be in the future: {value}",
    ),
    wording(
        "implausible_date",
        "{label} tidak masuk akal: {value}",
        "{label} is not plausible: {value}",
    ),
    wording(
        "choice",
        "{label} tidak valid: {value} (pilihan: {allowed})",
        "{label} is not valid: {value} (one of: {allowed})",
    ),
    wording(
        "uuid",
        "{label} tidak valid: {value}",
        "{label} is not valid: {value}",
    ),
];

/// The name that users know for a field, at the beginning of a sentence.
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

#[cfg(test)]
mod tests {
    use super::{super::ValueError, *};

    #[test]
    fn says_what_is_wrong_in_the_published_style() {
        for (field, error, value, expected) in [
            (
                "paket_id",
                ValueError::Empty,
                "",
                "Field 'paket_id' wajib diisi",
            ),
            (
                "email",
                ValueError::Email,
                "ahmad@email",
                "Email tidak valid: ahmad@email",
            ),
            (
                "ktp",
                ValueError::Nik,
                "31{label}7501",
                "NIK harus 16 digit angka: 31{label}7501",
            ),
            (
                "tanggal_lahir",
                ValueError::Date,
                "kemarin",
                "Tanggal lahir tidak valid: kemarin",
            ),
            (
                "nama",
                ValueError::TooLong { max: 255 },
                "x",
                "Nama terlalu panjang (maksimal 255 karakter)",
            ),
            (
                "jenis_kelamin",
                ValueError::UnknownWord {
                    allowed: &["L", "P"],
                },
                "X",
                "Jenis kelamin tidak valid: X (pilihan: L, P)",
            ),
        ] {
            assert_eq!(error.message(field, value), expected);
        }
        assert_eq!(
            ValueError::Email
                .message("email", &"x".repeat(1_000_000))
                .chars()
                .count(),
            120
        );
    }

    #[test]
    fn every_code_has_its_words_once() {
        for wording in WORDINGS {
            assert_eq!(
                WORDINGS
                    .iter()
                    .filter(|other| other.code == wording.code)
                    .count(),
                1,
                "{}",
                wording.code
            );
        }
        for error in [
            ValueError::Empty,
            ValueError::Nul,
            ValueError::TooLong { max: 1 },
            ValueError::NoLetter,
            ValueError::Email,
            ValueError::Nik,
            ValueError::ScientificNotation,
            ValueError::Rounded,
            ValueError::NarrowColumn,
            ValueError::Phone,
            ValueError::PhoneWithLetters,
            ValueError::SeveralPhones,
            ValueError::Money,
            ValueError::AmbiguousMoney,
            ValueError::NegativeMoney,
            ValueError::FractionOfRupiah,
            ValueError::ForeignCurrency,
            ValueError::Integer,
            ValueError::Fraction,
            ValueError::OutOfRange { min: 0, max: 1 },
            ValueError::Date,
            ValueError::FutureDate,
            ValueError::ImplausibleDate,
            ValueError::UnknownWord { allowed: &[] },
            ValueError::Uuid,
        ] {
            assert_eq!(error.wording().code, error.code());
        }
    }
}
