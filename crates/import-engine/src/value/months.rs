//! Names of months and weekdays: locale data, Indonesian and English. Holds no grammar of dates.

/// The month of a name, 1 to 12, Indonesian or English, in any case, with or without a dot. Misspelt names are none.
pub(crate) fn month(name: &str) -> Option<u8> {
    const MONTHS: &[(&str, u8)] = &[
        ("jan", 1),
        ("januari", 1),
        ("january", 1),
        ("feb", 2),
        ("februari", 2),
        ("february", 2),
        ("peb", 2),
        ("pebruari", 2),
        ("mar", 3),
        ("maret", 3),
        ("march", 3),
        ("apr", 4),
        ("april", 4),
        ("mei", 5),
        ("may", 5),
        ("jun", 6),
        ("juni", 6),
        ("june", 6),
        ("jul", 7),
        ("juli", 7),
        ("july", 7),
        ("agu", 8),
        ("agt", 8),
        ("ags", 8),
        ("agus", 8),
        ("agust", 8),
        ("agustus", 8),
        ("aug", 8),
        ("august", 8),
        ("sep", 9),
        ("sept", 9),
        ("september", 9),
        ("okt", 10),
        ("oktober", 10),
        ("oct", 10),
        ("october", 10),
        ("nov", 11),
        ("november", 11),
        ("nop", 11),
        ("nopember", 11),
        ("des", 12),
        ("desember", 12),
        ("dec", 12),
        ("december", 12),
    ];
    MONTHS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, month)| *month)
}

/// Whether a word is the name of a weekday.
pub(crate) fn is_weekday(name: &str) -> bool {
    const WEEKDAYS: &[&str] = &[
        "senin",
        "selasa",
        "rabu",
        "kamis",
        "jumat",
        "jum'at",
        "jum\u{2019}at",
        "sabtu",
        "minggu",
        "ahad",
        "sen",
        "sel",
        "rab",
        "kam",
        "jum",
        "sab",
        "min",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ];
    WEEKDAYS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}
