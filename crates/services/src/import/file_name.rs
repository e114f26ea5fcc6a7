//! Makes the name of an uploaded file safe: it is shown in pages, terminals and logs, and returned in headers.

use domain::value::is_invisible;

/// The most characters of a stored file name.
const LONGEST_NAME: usize = 150;

/// What a file without a usable name is called.
const NAMELESS: &str = "upload.csv";

/// The last part of a path without control characters, marks that turn or hide text (a name that ends in `vsc.exe` must not
/// be shown backwards) and characters that Windows refuses, shortened to a reasonable length.
pub(super) fn safe_name(sent: &str) -> String {
    let base = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = base
        .chars()
        .filter(|&c| !c.is_control() && !is_invisible(c))
        .map(|c| {
            if matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .collect::<String>();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    let surplus = name.chars().count().saturating_sub(LONGEST_NAME);
    if surplus == 0 {
        return name.to_owned();
    }
    // The end contains the extension.
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension = extension.chars().take(10).collect::<String>();
    let stem = stem.chars().take(LONGEST_NAME - 11).collect::<String>();
    format!("{stem}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_readable_part_of_a_file_name() {
        let long = format!("{}.csv", "n".repeat(300));
        for (sent, kept) in [
            ("jamaah.csv", "jamaah.csv"),
            ("C:\\Users\\Siti\\Data Jamaah.csv", "Data Jamaah.csv"),
            ("../../etc/passwd", "passwd"),
            ("..", NAMELESS),
            ("", NAMELESS),
            ("uploads/", NAMELESS),
            ("\u{202e}vsc.jpg", "vsc.jpg"),
            ("a\u{61c}b.csv", "ab.csv"),
            (".htaccess", "htaccess"),
            ("a\r\nSet-Cookie: b\0.csv", "aSet-Cookie_ b.csv"),
            ("data\u{202e}vsc.exe", "datavsc.exe"),
            ("Jamaah Ramadhan – Ñ.csv", "Jamaah Ramadhan – Ñ.csv"),
            (long.as_str(), &format!("{}.csv", "n".repeat(139))),
        ] {
            assert_eq!(safe_name(sent), kept, "{sent:?}");
        }
    }
}
