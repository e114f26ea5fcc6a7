//! Words for yes and no, by language.

/// Yes, in English and as a sign.
pub(crate) const YES: &[&str] = &["y", "yes", "true", "1", "✓", "✔"];

/// No, in English and as a sign.
pub(crate) const NO: &[&str] = &["no", "n", "false", "0"];

/// Yes, in Indonesian.
pub(crate) const INDONESIAN_YES: &[&str] = &["ya", "benar", "betul"];

/// No, in Indonesian.
pub(crate) const INDONESIAN_NO: &[&str] = &["tidak", "tdk", "salah", "bukan", "belum"];
