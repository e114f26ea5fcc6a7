//! Rows, lines and damage, file by file, whatever the chunks.

use import_engine::{Limits, raw::Damage, recognise::Dialect};

use super::{Seen, read};

fn lines(width: usize, file: &str) -> Vec<Seen> {
    let whole = read(
        &Dialect::default(),
        Limits::default(),
        Some(width),
        file.as_bytes(),
        usize::MAX,
    );
    for chunk in 1..8 {
        assert_eq!(
            whole,
            read(
                &Dialect::default(),
                Limits::default(),
                Some(width),
                file.as_bytes(),
                chunk
            ),
            "{file:?} by {chunk}"
        );
    }
    whole
}

/// `expected`: row, line, and the cells joined by `|`, or the damage.
fn check(width: usize, file: &str, expected: &[(u64, u64, Result<&str, Damage>)]) {
    let seen = lines(width, file);
    let seen: Vec<_> = seen
        .iter()
        .map(|(row, line, cells, damage)| {
            (*row, *line, damage.map_or_else(|| Ok(cells.join("|")), Err))
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(row, line, cells)| (*row, *line, cells.map(str::to_owned)))
        .collect();
    assert_eq!(seen, expected, "{file:?}");
}

#[test]
fn an_open_quote_costs_its_own_line() {
    let file = "nama,paket_id,catatan\n\
                Budi Santoso,Umroh,baik\n\
                \"Joko Susilo,Umroh,kutip tidak ditutup\n\
                Dewi Lestari,Umroh,tetap terbaca\n\
                Rina \"Nina\" Wati,Umroh,kutip di tengah\n\
                \"Agus \"\"Gus\"\" Salim\",Umroh,kutip ganda benar\n";
    check(
        3,
        file,
        &[
            (1, 1, Ok("nama|paket_id|catatan")),
            (2, 2, Ok("Budi Santoso|Umroh|baik")),
            (3, 3, Err(Damage::OpenQuote)),
            (4, 4, Ok("Dewi Lestari|Umroh|tetap terbaca")),
            (5, 5, Ok("Rina \"Nina\" Wati|Umroh|kutip di tengah")),
            (6, 6, Ok("Agus \"Gus\" Salim|Umroh|kutip ganda benar")),
        ],
    );
}

#[test]
fn a_quoted_line_break_is_no_row() {
    check(
        2,
        "a,b\r\n\"two\r\nlines\",1\r\nx,2\r\n",
        &[
            (1, 1, Ok("a|b")),
            (2, 2, Ok("two\r\nlines|1")),
            (3, 4, Ok("x|2")),
        ],
    );
}

#[test]
fn blank_rows_count_but_are_no_records() {
    check(
        2,
        "a,b\n\n\r\n\rc,d\n\n",
        &[(1, 1, Ok("a|b")), (5, 5, Ok("c|d"))],
    );
}

#[test]
fn every_kind_of_line_break_ends_a_record() {
    check(
        1,
        "a\nb\r\nc\rd",
        &[
            (1, 1, Ok("a")),
            (2, 2, Ok("b")),
            (3, 3, Ok("c")),
            (4, 4, Ok("d")),
        ],
    );
}

#[test]
fn an_open_quote_that_never_closes_costs_its_own_line() {
    check(
        2,
        "a,b\n\"open,1\nx,2\ny,3\n",
        &[
            (1, 1, Ok("a|b")),
            (2, 2, Err(Damage::OpenQuote)),
            (3, 3, Ok("x|2")),
            (4, 4, Ok("y|3")),
        ],
    );
}

#[test]
fn an_open_quote_that_a_later_inch_mark_closes_costs_its_own_line() {
    check(
        3,
        "a,b,c\n\"Joko,1,2\nDewi,pipa 5\",x\nRina,3,4\n",
        &[
            (1, 1, Ok("a|b|c")),
            (2, 2, Err(Damage::OpenQuote)),
            (3, 3, Ok("Dewi|pipa 5\"|x")),
            (4, 4, Ok("Rina|3|4")),
        ],
    );
}

#[test]
fn a_quote_left_open_in_a_fully_quoted_file_costs_its_own_line() {
    check(
        2,
        "\"a\",\"b\"\n\"Joko,\"1\"\n\"Dewi\",\"2\"\n\"Rina\",\"3\n\"Ayu\",\"4\"\n",
        &[
            (1, 1, Ok("a|b")),
            (2, 2, Err(Damage::TextAfterQuote)),
            (3, 3, Ok("Dewi|2")),
            (4, 4, Err(Damage::OpenQuote)),
            (5, 5, Ok("Ayu|4")),
        ],
    );
}

#[test]
fn an_open_quote_in_the_middle_of_a_row_costs_its_own_line() {
    check(
        3,
        "a,b,c\nJoko,\"Umroh,1\nDewi,x,2\nRina,\"c\",3\n",
        &[
            (1, 1, Ok("a|b|c")),
            (2, 2, Err(Damage::OpenQuote)),
            (3, 3, Ok("Dewi|x|2")),
            (4, 4, Ok("Rina|c|3")),
        ],
    );
}

#[test]
fn text_after_the_quote_of_a_cell_with_a_line_break_costs_that_record() {
    check(
        3,
        "a,b,c\n\"Jalan\nbaris dua\" x,1,2\nDewi,3,4\n",
        &[
            (1, 1, Ok("a|b|c")),
            (2, 2, Err(Damage::TextAfterQuote)),
            (3, 4, Ok("Dewi|3|4")),
        ],
    );
}

#[test]
fn text_after_a_quote_costs_one_record_even_if_a_later_cell_has_a_line_break() {
    check(
        2,
        "a,b\n\"Rina\" Wati,\"two\nlines\"\nDewi,1\n",
        &[
            (1, 1, Ok("a|b")),
            (2, 2, Err(Damage::TextAfterQuote)),
            (3, 4, Ok("Dewi|1")),
        ],
    );
}

#[test]
fn a_record_with_a_line_break_and_a_missing_cell_stays_one_record() {
    check(
        3,
        "a,b,c\n\"two\nlines\",1\nDewi,3,4\n",
        &[
            (1, 1, Ok("a|b|c")),
            (2, 2, Ok("two\nlines|1")),
            (3, 4, Ok("Dewi|3|4")),
        ],
    );
}

#[test]
fn nul_and_invalid_bytes_cost_their_record() {
    let file = b"a,b\nx\0,1\ny,2\nz\xff,3\nw,4\n";
    let seen = read(&Dialect::default(), Limits::default(), Some(2), file, 3);
    let damage: Vec<_> = seen
        .iter()
        .map(|(row, _, _, damage)| (*row, *damage))
        .collect();
    assert_eq!(
        damage,
        [
            (1, None),
            (2, Some(Damage::Nul)),
            (3, None),
            (4, Some(Damage::InvalidBytes)),
            (5, None)
        ]
    );
}

#[test]
fn the_sep_line_is_a_line_but_no_row() {
    let dialect = Dialect {
        sep_line: true,
        delimiter: b';',
        ..Dialect::default()
    };
    let seen = read(&dialect, Limits::default(), None, b"sep=;\r\na;b\r\n", 1);
    assert_eq!(seen, [(1, 2, vec!["a".into(), "b".into()], None)]);
}

#[test]
fn limits_cost_the_record_that_breaks_them() {
    let limits = Limits {
        columns: 4,
        cell_bytes: 10,
        record_bytes: 30,
        ..Limits::default()
    };
    let file = "a,b\n\
                1,2,3,4,5,6\n\
                ok,1\n\
                aaaaaaaaaaaaaaa,1\n\
                ok,2\n\
                aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,1\n\
                ok,3\n\
                aaaaaaaaa,bbbbbbbbb,ccccccccc,ddddddddd\n\
                1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n\
                ok,4\n\
                \"aaaaaaaaa\nbbbbbb\nccccccccc\ndddddddd\neeeeeee\",1\n\
                ok,5\n";
    for chunk in [1, 2, 3, 7, 64, 4096] {
        let seen = read(&Dialect::default(), limits, Some(2), file.as_bytes(), chunk);
        let damage: Vec<_> = seen
            .iter()
            .map(|(row, line, _, damage)| (*row, *line, *damage))
            .collect();
        assert_eq!(
            damage,
            [
                (1, 1, None),
                (2, 2, Some(Damage::TooManyColumns)),
                (3, 3, None),
                (4, 4, Some(Damage::CellTooLarge)),
                (5, 5, None),
                (6, 6, Some(Damage::CellTooLarge)),
                (7, 7, None),
                (8, 8, Some(Damage::RecordTooLarge)),
                (9, 9, Some(Damage::TooManyColumns)),
                (10, 10, None),
                (11, 11, Some(Damage::OpenQuote)),
                (12, 12, None),
                (13, 13, None),
                (14, 14, None),
                (15, 15, None),
                (16, 16, None),
            ],
            "by {chunk}"
        );
    }
}

#[test]
fn a_quote_that_closes_at_the_limit_is_judged_alike_however_the_bytes_come() {
    let limits = Limits {
        cell_bytes: 64,
        record_bytes: 256,
        ..Limits::default()
    };
    for ending in [
        "\" Siska\"31",
        "\"\nSiska\n",
        "\",b\nSiska\n",
        "\"\"x\nSiska\n",
        "\"\r\nSiska",
        "\"  \nSiska",
        "\"",
    ] {
        for length in 235..262 {
            let file = format!("{}d,\"dua\n{ending}", "x".repeat(length));
            let pieces = |size| read(&Dialect::default(), limits, Some(12), file.as_bytes(), size);
            let whole = pieces(usize::MAX);
            for size in [1, 2, 3, 7] {
                let parts = pieces(size);
                assert_eq!(whole, parts, "{length} before {ending:?}, by {size}");
            }
        }
    }
}

#[test]
fn a_quote_after_blanks_opens_only_if_it_closes_within_the_limit_however_the_bytes_come() {
    let limits = Limits {
        cell_bytes: 64,
        record_bytes: 256,
        ..Limits::default()
    };
    for before in ["", "d,\"dua\nbaris\",", "d,\"dua\nbaris,"] {
        for ending in [
            "\",j",
            "\"",
            "\" x,\"y\"",
            "\"\"",
            "\"  ",
            ",\"d",
            ",\"d\n\"e",
        ] {
            for length in 220..290 {
                let long = "x".repeat(length);
                let file = format!("{before}a, \"{long}{ending}\nSiska,31\n \"z\",1");
                let pieces =
                    |size| read(&Dialect::default(), limits, Some(12), file.as_bytes(), size);
                let whole = pieces(usize::MAX);
                for size in [1, 2, 7, 50] {
                    let parts = pieces(size);
                    assert_eq!(
                        whole, parts,
                        "{length} between {before:?} and {ending:?}, by {size}"
                    );
                }
            }
        }
    }
}
