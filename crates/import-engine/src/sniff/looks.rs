//! How much the cells of a dialect on trial make a table: how even its rows are, and how much its cells look like whole
//! cells of one kind per column. Knows one dialect at a time; [`super::judge`] compares.

use super::{
    judge::ratio,
    kind::{self, Kind},
    lexicon,
    split::{Cell, Table},
};
use crate::text::weight::weights;

weights! { f32;
    /// What a table of one column lacks; the more columns, the less.
    NARROW = 0.6, off 0.0;
    /// Several columns below a first line that is one name.
    HEADED_BY_ONE = 0.75, off 1.0;
    /// The share of a single column that is numbers, dates and addresses.
    VALUES_IN_ONE_COLUMN = 0.7, off 0.0;
    /// Cells of nothing but words, between signs that stand between words.
    IN_SENTENCES = 0.45, off 1.0;
    /// Fewer than five rows of them.
    FEW_ROWS = 0.75, off 1.0;
    /// A row that is too long by an empty cell.
    EMPTY_AT_THE_END = 0.8, off 0.0;
    /// A row that is too short.
    TOO_SHORT = 0.25, off 0.0;
    /// One row of the width of the table, among several.
    ALONE = 0.5, off 1.0;
    /// The share of the rows above and below the table.
    OUTSIDE = 0.6, off 0.0;
    /// A column without a filled cell.
    EMPTY_COLUMN = 0.5, off 1.0;
    /// The share of a column that is of one kind.
    PURITY = 0.4, off 0.0;
}

/// What more columns are worth: splitting further is right as long as the pieces stay even and whole.
fn width_worth(width: usize) -> f32 {
    1.0 - NARROW.worth() * ratio(1, width)
}

pub(super) fn shape_and_kinds(text: &[u8], table: &Table, delimiter: u8) -> f32 {
    let rows: Vec<&[Cell]> = table
        .rows()
        .filter(|r| r.iter().any(|c| !c.of(text).trim_ascii().is_empty()))
        .collect();
    let Some(width) = body_width(&rows) else {
        return 0.0;
    };
    let even = evenness(&rows, width, text);
    let looks = kinds(text, &rows, width);
    let mut score = even * even * looks.whole.powi(2) * width_worth(width);
    // A first line of one cell that names a column heads one column, not several.
    let named =
        rows[0].len() == 1 && rows.len() > 2 && lexicon::names_a_column(rows[0][0].of(text));
    if named && width > 1 {
        score *= HEADED_BY_ONE.worth();
    }
    if width == 1 {
        // A column of dates or addresses is not an accident either.
        score *= 1.0 + VALUES_IN_ONE_COLUMN.worth() * looks.strong;
    } else if NATIVE.contains(&delimiter) {
        // Words side by side are a sentence; a table has numbers and the like among them.
        let wordy = IN_SENTENCES.worth();
        score *= wordy + (1.0 - wordy) * (looks.strong * 2.0).min(1.0);
        if rows.len() < 5 {
            score *= FEW_ROWS.worth();
        }
    }
    score
}

/// The number of cells that an ordinary record has.
pub(super) fn body_width(rows: &[&[Cell]]) -> Option<usize> {
    let mut widths: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match widths.iter_mut().find(|(w, _)| *w == row.len()) {
            Some((_, count)) => *count += 1,
            None => widths.push((row.len(), 1)),
        }
    }
    let weight = |(width, count): (usize, usize)| ratio(count, 1) * width_worth(width);
    widths
        .into_iter()
        .max_by(|a, b| weight(*a).total_cmp(&weight(*b)).then(a.0.cmp(&b.0)))
        .map(|(width, _)| width)
}

/// How even the rows are, 0 to 1. Rows above and below the table count less than odd rows inside it.
fn evenness(rows: &[&[Cell]], width: usize, text: &[u8]) -> f32 {
    let n = rows.len();
    let fits = |row: &&[Cell]| row.len() == width;
    let first = rows.iter().position(fits).unwrap_or(0);
    let last = rows.iter().rposition(fits).unwrap_or(0);
    let inside = &rows[first..=last];
    let mut sum = 0.0;
    for row in inside {
        sum += if row.len() == width {
            1.0
        } else if row.len() == width + 1
            && row
                .last()
                .is_some_and(|c| c.of(text).trim_ascii().is_empty())
        {
            EMPTY_AT_THE_END.worth()
        } else if row.len() > 1 && row.len() < width {
            TOO_SHORT.worth()
        } else {
            0.0
        };
    }
    // A header without a name for the row numbers (R) is one cell short.
    let short_header = first == 1 && width > 2 && rows[0].len() + 1 == width;
    let outside = n - inside.len() - usize::from(short_header);
    let inner = sum / ratio(inside.len(), 1);
    // One row of that width among many does not make a table.
    let alone = if first == last && n > 2 {
        ALONE.worth()
    } else {
        1.0
    };
    inner * alone * (1.0 - OUTSIDE.worth() * ratio(outside, n))
}

/// How the cells of a table look, each 0 to 1.
struct Looks {
    /// How much they look whole and of one kind per column.
    whole: f32,
    /// The share of numbers, dates and the like, and of quoted cells.
    strong: f32,
}

/// Looks at the cells of the ordinary rows.
fn kinds(text: &[u8], rows: &[&[Cell]], width: usize) -> Looks {
    let rows: Vec<&&[Cell]> = rows
        .iter()
        .filter(|r| r.len() == width)
        .take((TYPED_CELLS / width).clamp(12, TYPED_ROWS))
        .collect();
    let mut whole = vec![0.0f32; width];
    let (mut strong, mut filled) = (0, 0);
    let mut groups = vec![[0usize; kind::GROUPS]; width];
    for (i, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let bytes = cell.of(text);
            let kind = kind::kind(bytes);
            whole[column] += kind::wholeness(bytes, kind, cell.quoted);
            filled += usize::from(kind != Kind::Empty);
            strong += usize::from(
                kind.is_strong()
                    || width > 1 && (kind == Kind::Code || is_path(bytes, kind))
                    || cell.quoted,
            );
            if i > 0 || rows.len() == 1 {
                groups[column][kind.group()] += 1;
            }
        }
    }
    let mut sum = 0.0;
    for (whole, groups) in whole.iter().zip(&groups) {
        let filled: usize = groups[1..].iter().sum();
        // Words and phrases mix freely in a column of text.
        let text = groups[Kind::Word.group()]
            + groups[Kind::Phrase.group()]
            + groups[Kind::Code.group()] / 2;
        let most = groups[1..].iter().copied().max().unwrap_or(0).max(text);
        let pure = if filled == 0 {
            EMPTY_COLUMN.worth()
        } else {
            ratio(most.min(filled), filled)
        };
        sum += whole / ratio(rows.len(), 1) * (1.0 - PURITY.worth() + PURITY.worth() * pure);
    }
    Looks {
        whole: sum / ratio(width, 1),
        strong: ratio(strong, filled),
    }
}

/// `text/html`, `usr/lib`: a word with a slash inside is not part of a sentence.
fn is_path(cell: &[u8], kind: Kind) -> bool {
    kind == Kind::Word && {
        let cell = cell.trim_ascii();
        memchr::memrchr(b'/', cell).is_some_and(|at| at > 0 && at + 1 < cell.len())
    }
}

/// Delimiters that running text, addresses of the web and formulas are full of.
const NATIVE: [u8; 8] = *b" =/@+_\\<";

/// Records whose cells are looked at one by one.
const TYPED_ROWS: usize = 100;
/// The same for wide tables: cells in all.
const TYPED_CELLS: usize = 1500;
