//! Gender as the civil register writes it: L or P.

use super::choice::choice;
use crate::word::words;

words! {
    /// Jenis kelamin.
    pub enum Gender {
        /// Laki-laki.
        Male => "L",
        /// Perempuan.
        Female => "P",
    }
}

choice! {
    Gender {
        Male: "laki laki", "lakilaki", "laki", "lk", "pria", "male", "m", "mr", "tuan", "tn";
        Female: "perempuan", "pr", "wanita", "w", "female", "f", "mrs", "ms", "miss", "nyonya", "ny", "nona", "nn";
    }
}

#[cfg(test)]
mod tests {
    use super::{super::ValueError, *};

    #[test]
    fn reads_what_spreadsheets_write() {
        for (raw, expected) in [
            ("L", Some(Gender::Male)),
            ("p", Some(Gender::Female)),
            ("Laki-laki", Some(Gender::Male)),
            ("LAKI - LAKI", Some(Gender::Male)),
            ("Perempuan", Some(Gender::Female)),
            ("PRIA", Some(Gender::Male)),
            ("Wanita", Some(Gender::Female)),
            ("MR", Some(Gender::Male)),
            ("Mrs.", Some(Gender::Female)),
            ("TUAN", Some(Gender::Male)),
            ("NONA", Some(Gender::Female)),
            ("Tn.", Some(Gender::Male)),
            ("F", Some(Gender::Female)),
            ("X", None),
            ("LP", None),
            ("L/P", None),
            ("0", None),
            ("?", None),
        ] {
            assert_eq!(Gender::parse(raw).ok(), expected, "{raw}");
        }
        assert_eq!(Gender::parse(" "), Err(ValueError::Empty));
        assert_eq!(
            Gender::parse("X"),
            Err(ValueError::UnknownWord {
                allowed: &["L", "P"]
            })
        );
    }
}
