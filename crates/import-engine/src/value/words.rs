//! Yes and no.

/// Yes or no in Indonesian or English. `t` is neither: *tidak* here, *true* there. `x` is neither: ticked here, wrong there.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    const YES: &[&str] = &["ya", "y", "yes", "true", "1", "benar", "betul", "✓", "✔"];
    const NO: &[&str] = &[
        "tidak", "tdk", "no", "n", "false", "0", "salah", "bukan", "belum",
    ];
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(YES) {
        Some(true)
    } else if is(NO) {
        Some(false)
    } else {
        None
    }
}
