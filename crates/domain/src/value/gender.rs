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
        Male: "laki laki", "lakilaki", "laki", "laki2", "lk", "lelaki", "pria", "cowok", "cowo", "ikhwan", "bapak", "bpk", "bp", "putra", "male", "man", "m",
            "mr", "tuan", "tn", "sdr", "saudara";
        Female: "perempuan", "pr", "prp", "wanita", "w", "cewek", "cewe", "akhwat", "ibu", "putri", "female", "woman", "f", "mrs", "ms", "miss", "nyonya",
            "ny", "nona", "nn", "sdri", "saudari";
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
            ("Ikhwan", Some(Gender::Male)),
            ("AKHWAT", Some(Gender::Female)),
            ("Bapak", Some(Gender::Male)),
            ("Ibu", Some(Gender::Female)),
            ("putri", Some(Gender::Female)),
            ("L (Laki-laki)", Some(Gender::Male)),
            ("Perempuan (P)", Some(Gender::Female)),
            ("P - Perempuan", Some(Gender::Female)),
            ("L=Laki", Some(Gender::Male)),
            ("L (Perempuan)", None),
            ("(L)", None),
            ("L (x)", None),
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
