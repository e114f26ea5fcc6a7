//! Where a table begins and ends: which row is its header, if any, and the line of sums below it. Each column gives its
//! evidence that the first row is a header: its cell in that row, and the cells below it. If the kinds of cells do not
//! decide, the header is judged by how much the first row differs from the others.

use std::collections::HashSet;

use super::{
    judge::{SUREST, body_width, ratio},
    kind::{GROUPS, Kind, is_quantity, kind, names_a_column, normalise},
    split::{Cell, Table},
};
use crate::{
    text::weights,
    value::text::{self, normalise_header},
};

/// Rows among which the header is searched.
const SEARCHED: usize = 12;
/// Rows among which the top of the table is searched; there may be many titles above it.
const SEARCHED_TITLES: usize = 40;
/// Bytes: a longer text is a sentence, not a name of a column.
const LONG_NAME: usize = 60;
/// Bytes of the word after a `#` that may be the name of a column.
const SHORT_NAME: usize = 20;
/// Body rows compared with the header.
const BODY: usize = 60;
/// The same for wide tables: their cells in total.
const BODY_CELLS: usize = 1500;

weights! { f32;
    /// Names of columns that also occur in the rows below: settings, measures, kinds of things.
    USUAL_NAMES = -2.2, off 0.0;
    /// Any other single row.
    LONE_RECORD = -0.3, off 0.0;
    /// Before any evidence: most files have a header.
    PRIOR = 0.1, off 0.0;
    /// One cell fewer than the rows below: the numbers of the rows have no name.
    SHORT_HEADER = 2.0, off 0.0;
    /// The sum over the columns is divided by their number to this power, because they are not independent of each other.
    TOGETHER = 0.6, off 1.0;
    /// One standard deviation of strangeness.
    STRANGENESS = 0.8, off 0.0;
    /// The usual strangeness of first rows that are not headers.
    USUALLY_STRANGE = 0.8, off 0.0;

    /// A column other than the first, with cells below an empty one.
    UNNAMED = -0.6, off 0.0;
    /// A single row below is weaker evidence than several.
    ONE_ROW = 0.7, off 1.0;
    /// A year above numbers that are not years.
    YEARS_AS_NAMES = 0.3, off 0.0;
    /// A number above numbers, a date above dates, an address above addresses.
    SAME_KIND = -2.2, off 0.0;
    /// A dash or the like above values.
    NOTHING_ABOVE = 0.2, off 0.0;
    /// A word above numbers, dates or addresses.
    OTHER_KIND = 2.4, off 0.0;
    /// A number, date or address above words.
    NUMBER_ABOVE_TEXT = -1.6, off 0.0;
    /// A code above another code that is the same in every row.
    ANOTHER_CODE = 0.9, off 0.0;
    /// A code above codes of its length or shape.
    CODE_ALIKE = -1.6, off 0.0;
    /// A code above codes that all have another shape.
    CODE_OF_ANOTHER_SHAPE = 0.6, off 0.0;
    /// A code above codes of many shapes.
    CODE_AMONG_CODES = -0.9, off 0.0;
    /// A word above codes.
    WORD_ABOVE_CODES = 1.3, off 0.0;
    /// A text that occurs again below.
    COMES_AGAIN = -1.6, off 0.0;
    /// A path above paths, a setting above settings.
    MARK_SHARED = -1.2, off 0.0;
    /// A name above paths or settings.
    MARK_MISSING = 0.6, off 0.0;
    /// A text above another text that is the same in every row.
    CONSTANT_BELOW = 0.8, off 0.0;
    /// A text above texts that are repeated, but never this one.
    REPEATS_BELOW = 0.9, off 0.0;
    /// How often they are repeated.
    REPEATS_OFTEN = 0.6, off 0.0;
    /// A word above phrases.
    WORD_ABOVE_PHRASES = 0.5, off 0.0;
    /// A phrase above single words.
    PHRASE_ABOVE_WORDS = 0.2, off 0.0;
    /// A yes or no.
    TRUTH_ABOVE = -0.6, off 0.0;
    /// Numbers that count up, above numbers that do not.
    COUNTING = 2.5, off 0.0;
    /// The same for a numbered word: each cell looks like a code, but rows of codes do not count up.
    NUMBERED = 4.5, off 0.0;
    /// The share of a row that is numbers, dates and addresses.
    VALUES_AMONG_NAMES = -1.2, off 0.0;
    /// The share of a row that names columns in many files.
    KNOWN_NAMES = 2.2, off 0.0;
    /// The share of a row that is names made for machines.
    MADE_NAMES = 1.2, off 0.0;
    /// The share of a row that repeats an earlier cell of it.
    REPEATED_NAMES = -2.0, off 0.0;
    /// The share of a row that is long, has digits or commas, or says yes or no.
    UNLIKE_NAMES = -1.2, off 0.0;
    /// The share of a row without a letter or digit.
    WORDLESS = -2.5, off 0.0;

    /// How much rows differ by chance, which grows with the number of columns.
    BY_CHANCE = 0.3, off 0.0;
}

/// A strangeness beyond these limits is no further evidence.
const LEAST_STRANGE: f32 = -1.5;
const MOST_STRANGE: f32 = 2.5;
/// Confidence in a header by its names.
const BY_NAMES: f32 = 0.97;
/// Log odds added for a single row of words, some of them known to name columns.
const EMPTY_EXPORT: f32 = 0.6;
/// Log odds below which either may be true.
const AMBIGUOUS: f32 = 0.4;

/// The verdict on the header.
#[derive(Debug)]
pub(super) struct Found {
    /// Index of the header among all records of the table, blank ones included.
    pub(super) row: Option<usize>,
    /// Records above the table's first row.
    pub(super) above: usize,
    pub(super) width: usize,
    pub(super) confidence: f32,
    pub(super) ambiguous: bool,
}

/// A record with what its cells look like.
struct Row<'t> {
    index: usize,
    cells: Vec<&'t [u8]>,
    kinds: Vec<Kind>,
}

impl Row<'_> {
    fn filled(&self) -> usize {
        self.kinds
            .iter()
            .zip(&self.cells)
            .filter(|(_, c)| !c.trim_ascii().is_empty())
            .count()
    }
}

/// Finds the header. `known` are normalised header names of a schema; `forced` is the caller's verdict (index among
/// records).
#[expect(clippy::option_option, reason = "not given, or given as none")]
pub(super) fn find(
    text: &[u8],
    table: &Table,
    known: &HashSet<String>,
    forced: Option<Option<usize>>,
) -> Found {
    let comments = table
        .rows()
        .take_while(|row| {
            let cell = row[0].of(text).trim_ascii();
            cell.starts_with(b"#") || row.len() == 1 && cell.is_empty()
        })
        .count();
    let rows: Vec<Row<'_>> = table
        .rows()
        .enumerate()
        .take(comments + SEARCHED + (BODY_CELLS / table.row(table.len() / 2).len()).clamp(10, BODY))
        .map(|(index, row)| Row::new(index, row, text))
        .collect();
    let filled: Vec<&Row<'_>> = rows.iter().filter(|r| r.filled() > 0).collect();
    let widths: Vec<&[Cell]> = filled.iter().map(|r| table.row(r.index)).collect();
    let width = body_width(&widths).unwrap_or(0);
    if let Some(forced) = forced {
        let above = forced.unwrap_or_else(|| top(&filled, width));
        return Found {
            row: forced,
            above,
            width,
            confidence: 1.0,
            ambiguous: false,
        };
    }
    if let Some(row) = by_known_names(text, table, known) {
        return Found {
            row: Some(row),
            above: row,
            width: width.max(table.row(row).len()),
            confidence: BY_NAMES,
            ambiguous: false,
        };
    }
    let start = top(&filled, width);
    let table_rows: Vec<&Row<'_>> = filled.into_iter().filter(|r| r.index >= start).collect();
    let score = evidence(&table_rows, width);
    let confidence = 1.0 / (1.0 + (-score.abs()).exp());
    let mut row = None;
    if score > 0.0 {
        row = Some(lower_header_row(&table_rows, width));
    }
    Found {
        row,
        above: row.unwrap_or(start),
        width,
        confidence: confidence.min(SUREST),
        ambiguous: score.abs() < AMBIGUOUS,
    }
}

impl<'t> Row<'t> {
    fn new(index: usize, row: &[Cell], text: &'t [u8]) -> Self {
        let cells: Vec<&[u8]> = row.iter().map(|c| c.of(text)).collect();
        let kinds = cells.iter().map(|c| kind(c)).collect();
        Self {
            index,
            cells,
            kinds,
        }
    }
}

/// The first of the rows with most of the schema's names, if it has at least two. A letterhead may be longer than the table.
fn by_known_names(text: &[u8], table: &Table, known: &HashSet<String>) -> Option<usize> {
    if known.is_empty() {
        return None;
    }
    let hits = |row: &[Cell]| {
        row.iter()
            .filter(|cell| known.contains(&normalise(cell.of(text))))
            .count()
    };
    let (most, row) = table
        .rows()
        .enumerate()
        .map(|(index, row)| (hits(row), index))
        .rev()
        .max_by_key(|(hits, _)| *hits)?;
    let needed = if known.len() < 2 { 1 } else { 2 };
    if most < needed {
        return None;
    }
    Some(earlier_header(text, table, known, row).unwrap_or(row))
}

/// A row that consists only of known names, with data below it, above the row with most known names: the header of the
/// first table if several were put one below the other.
fn earlier_header(
    text: &[u8],
    table: &Table,
    known: &HashSet<String>,
    best: usize,
) -> Option<usize> {
    let filled = |row: &[Cell]| {
        let cells = row.iter().map(|cell| cell.of(text));
        cells
            .filter(|cell| !cell.trim_ascii().is_empty())
            .map(<[u8]>::to_owned)
            .collect::<Vec<_>>()
    };
    let mut rows = table.rows().enumerate().take(best);
    let is_name = |cell: &Vec<u8>| known.contains(&normalise(cell));
    let (header, names) = rows.find_map(|(index, row)| {
        let cells = filled(row);
        (cells.len() > 1 && cells.iter().all(is_name)).then_some((index, cells.len()))
    })?;
    // A record of a person with only words fills the columns, none of them with a name of a column.
    let is_full = |cells: &[Vec<u8>]| cells.len() == names && !cells.iter().any(is_name);
    let is_data = |cells: &[Vec<u8>]| {
        cells.len() > 1 && (cells.iter().any(|cell| kind(cell).is_strong()) || is_full(cells))
    };
    rows.any(|(_, row)| is_data(&filled(row))).then_some(header)
}

/// Index of the table's first row: titles, comments and the like above it have fewer cells, or few filled ones.
fn top(rows: &[&Row<'_>], width: usize) -> usize {
    if width < 2 {
        // In one column a title looks like any cell; only comments can be recognised.
        let comments = rows
            .iter()
            .take_while(|r| r.cells[0].trim_ascii_start().starts_with(b"#"))
            .count();
        return rows.get(comments).or(rows.first()).map_or(0, |r| r.index);
    }
    let body: Vec<usize> = rows
        .iter()
        .filter(|r| r.cells.len() == width)
        .map(|r| r.filled())
        .collect();
    let mut sorted = body.clone();
    sorted.sort_unstable();
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(width);
    let hash = |row: &&&Row<'_>| row.cells[0].trim_ascii_start().starts_with(b"#");
    let comments = rows.iter().take_while(hash).count();
    let wide = rows[..comments].iter().filter(|r| r.cells.len() == width);
    let numbered = wide.count() * 2 > comments && comments * 2 > rows.len();
    for (index, row) in rows.iter().enumerate().take(comments + SEARCHED_TITLES) {
        let cells = row.cells.len();
        // The last line of a block of comments may name the columns; but the rows themselves may be numbered `#1`, `#2`.
        let above_others = index + 1 < comments && !numbered && !is_sign(row);
        let prose = index < comments
            && rows
                .get(comments)
                .is_some_and(|below| above_others || is_prose(row, below));
        let comment = hash(&row) && (prose || cells < width || row.filled() * 2 < usual.max(2));
        let wide_enough = cells == width || cells + 1 == width && width > 2 || cells > width;
        if cells + 1 == width && names_follow(row, &rows[index + 1..], width) {
            continue;
        }
        let filled_enough = row.filled() * 2 >= usual.max(2) && row.filled() > 1 || usual <= 1;
        if wide_enough && filled_enough && !comment {
            return row.index;
        }
    }
    rows.first().map_or(0, |r| r.index)
}

/// Whether the row below a short one has a name for every column, so that the short one is a title with delimiters in it.
fn names_follow(short: &Row<'_>, below: &[&Row<'_>], width: usize) -> bool {
    let numbers = |row: &Row<'_>| row.kinds.iter().any(|k| k.is_strong());
    let Some((names, data)) = below.split_first() else {
        return false;
    };
    // The short row may be the names, and the row below it a person with only words.
    let may_name = short.filled() == short.cells.len()
        && !numbers(short)
        && short
            .cells
            .iter()
            .all(|c| c.trim_ascii().len() <= LONG_NAME);
    names.filled() == width
        && !numbers(names)
        && data.iter().take(5).any(|r| numbers(r))
        && (!may_name || name_likeness(names) > name_likeness(short))
}

/// Whether a row begins with a lone `#`, the name of the column of row numbers.
fn is_sign(row: &Row<'_>) -> bool {
    row.cells[0].trim_ascii() == b"#"
}

/// Whether a comment is a sentence with delimiters in it: `# sorted by code, then by name` above `0017,Aceh`. A sentence has
/// more than one word before its first comma; `#;Nama (wajib: sesuai paspor)` and `#id, name` are names.
fn is_prose(comment: &Row<'_>, below: &Row<'_>) -> bool {
    let spaced =
        |row: &Row<'_>| row.cells.len() > 1 && row.cells[1..].iter().all(|c| c.starts_with(b" "));
    let start = comment.cells[0].trim_ascii();
    let start = start.strip_prefix(b"#").unwrap_or(start).trim_ascii();
    let one_word = start.len() <= SHORT_NAME && !start.contains(&b' ');
    !one_word && (comment.cells.iter().any(|c| is_sentence(c)) || spaced(comment) && !spaced(below))
}

/// `# missing: none`, or more than a name.
fn is_sentence(cell: &[u8]) -> bool {
    cell.trim_ascii().len() > LONG_NAME || memchr::memmem::find(cell, b": ").is_some()
}

/// If the header has several rows (groups over names), the last of them that is complete.
fn lower_header_row(rows: &[&Row<'_>], width: usize) -> usize {
    let first = rows[0];
    let gaps = first
        .kinds
        .iter()
        .skip(1)
        .filter(|k| **k == Kind::Empty)
        .count();
    if gaps * 3 >= width
        && width > 2
        && let Some(second) = rows.get(1)
    {
        let names = second
            .kinds
            .iter()
            .zip(&second.cells)
            .filter(|(k, _)| k.is_text() || **k == Kind::Code)
            .count();
        let rest_has_numbers = rows
            .iter()
            .skip(2)
            .take(5)
            .any(|r| r.kinds.iter().any(|k| k.is_strong()));
        if second.filled() > first.filled() && names == second.filled() && rest_has_numbers {
            return second.index;
        }
    }
    first.index
}

/// Log odds that the first row is a header.
fn evidence(rows: &[&Row<'_>], width: usize) -> f32 {
    let Some((first, body)) = rows.split_first() else {
        return 0.0;
    };
    let body: Vec<&Row<'_>> = body
        .iter()
        .filter(|r| r.cells.len() == width || r.cells.len() == first.cells.len())
        .take(BODY)
        .copied()
        .collect();
    let mut names = name_likeness(first);
    // Words that name columns may be the content of the table: settings, measures, kinds of things.
    let usual =
        body.iter().take(12).map(|r| names_in(r)).sum::<f32>() / ratio(body.len().clamp(1, 12), 1);
    names += USUAL_NAMES.worth() * usual.min(names_in(first));
    if body.is_empty() {
        // An export without rows has only words, some of them known to name columns; `Siti Aminah;Jakarta` is a row of
        // data.
        let words = first.cells.len() > 1 && first.kinds.iter().all(|k| k.is_text()) && names > 0.0;
        return names
            + if words {
                EMPTY_EXPORT
            } else {
                LONE_RECORD.worth()
            };
    }
    if body.len() > 1 {
        names += counts_up(first, &body);
    }
    // Files usually have a header.
    let mut odds = PRIOR.worth() + names;
    // A header without a name for the row numbers is shifted one column to the left of its body.
    let shift = usize::from(first.cells.len() + 1 == width && width > 2);
    if shift == 1 {
        odds += SHORT_HEADER.worth();
    }
    let columns = first.cells.len().min(width);
    let sum: f32 = (0..columns)
        .map(|column| column_evidence(first, &body, column, shift))
        .sum();
    // Columns are not independent of each other: many of them are weaker evidence than their sum.
    odds += sum / ratio(columns.max(1), 1).powf(TOGETHER.worth());
    if shift == 0 && body.len() >= 4 {
        odds += STRANGENESS.worth()
            * (strangeness(first, &body, columns) - USUALLY_STRANGE.worth())
                .clamp(LEAST_STRANGE, MOST_STRANGE);
    }
    odds
}

// The evidence of a single column that the first row is a header, and of a row that its cells are names.

/// The share of cells of one kind from which a column counts as one of this kind.
const MOST: f32 = 0.7;
/// The share of codes with one shape from which all count as having it.
const NEARLY_ALL: f32 = 0.9;
/// The share of cells of a kind below which a column has none of them.
const HARDLY_ANY: f32 = 0.1;

/// The log odds of one column, whose cells are one further to the right below a header without a name for the row numbers.
fn column_evidence(first: &Row<'_>, body: &[&Row<'_>], column: usize, shift: usize) -> f32 {
    let cell = first.cells[column].trim_ascii();
    let head = first.kinds[column];
    let kinds: Vec<(Kind, &[u8])> = body
        .iter()
        .filter_map(|r| {
            Some((
                *r.kinds.get(column + shift)?,
                r.cells[column + shift].trim_ascii(),
            ))
        })
        .filter(|(k, _)| *k != Kind::Empty)
        .collect();
    if kinds.is_empty() {
        return 0.0;
    }
    if cell.is_empty() {
        // Only the row numbers usually have no name.
        return if column == 0 { 0.0 } else { UNNAMED.worth() };
    }
    let n = kinds.len();
    let portion = |f: &dyn Fn(Kind) -> bool| ratio(kinds.iter().filter(|(k, _)| f(*k)).count(), n);
    let sure = if n == 1 { ONE_ROW.worth() } else { 1.0 };
    let numeric = portion(&Kind::is_numeric);
    let temporal = portion(&Kind::is_temporal);
    let linked = portion(&|k| matches!(k, Kind::Email | Kind::Url | Kind::Phone));
    let coded = portion(&|k| k == Kind::Code);
    for (part, same) in [
        (numeric, head.is_numeric()),
        (temporal, head.is_temporal()),
        (
            linked,
            matches!(head, Kind::Email | Kind::Url | Kind::Phone),
        ),
    ] {
        if part >= MOST {
            if same {
                // In many statistics, years are the headers of columns.
                return if head == Kind::Integer && is_year(cell) && !years(&kinds) {
                    YEARS_AS_NAMES.worth()
                } else {
                    SAME_KIND.worth() * sure * part
                };
            }
            return if head == Kind::Empty {
                NOTHING_ABOVE.worth()
            } else {
                OTHER_KIND.worth() * sure * part
            };
        }
    }
    if head.is_strong() {
        // Numbers above text are hardly a header, unless they are years.
        return if is_year(cell) {
            0.0
        } else {
            NUMBER_ABOVE_TEXT.worth()
        };
    }
    if coded >= MOST {
        return if head == Kind::Code {
            let other = kinds[0].1 != cell && (n >= 4 || n == 3 && kinds[0].1.len() != cell.len());
            if other && constant(&kinds) {
                // One code in every row, and another above it; only two equal codes below a third may be coincidence.
                return ANOTHER_CODE.worth();
            }
            let usual = pattern(kinds[0].1);
            let alike = ratio(kinds.iter().filter(|(_, c)| pattern(c) == usual).count(), n);
            if cell.len() == kinds[0].1.len() || pattern(cell) == usual {
                CODE_ALIKE.worth()
            } else if alike > NEARLY_ALL && n > 1 {
                // All codes have one shape and this cell another.
                CODE_OF_ANOTHER_SHAPE.worth()
            } else {
                CODE_AMONG_CODES.worth()
            }
        } else {
            WORD_ABOVE_CODES.worth() * sure
        };
    }
    text_evidence(cell, head, &kinds)
}

/// The evidence of a column of text below a cell of text.
fn text_evidence(cell: &[u8], head: Kind, kinds: &[(Kind, &[u8])]) -> f32 {
    let n = kinds.len();
    let mut odds = 0.0;
    let repeats = kinds
        .iter()
        .filter(|(_, c)| c.eq_ignore_ascii_case(cell))
        .count();
    if repeats > 0 {
        return COMES_AGAIN.worth();
    }
    let distinct: HashSet<&[u8]> = kinds.iter().map(|(_, c)| *c).collect();
    let shared = MARKS
        .iter()
        .filter(|mark| kinds.iter().filter(|(_, c)| c.contains(mark)).count() * 10 >= n * 9)
        .collect::<Vec<_>>();
    if n >= 4 && !shared.is_empty() {
        // Paths below a path, or paths below something else.
        odds += if shared.iter().all(|mark| cell.contains(mark)) {
            MARK_SHARED.worth()
        } else {
            MARK_MISSING.worth()
        };
    }
    if n >= 3 && distinct.len() == 1 {
        odds += CONSTANT_BELOW.worth();
    } else if n >= 6 && distinct.len() * 2 <= n {
        // The cells of the column are repeated, but never this one.
        odds += REPEATS_BELOW.worth() + (1.0 - ratio(distinct.len(), n)) * REPEATS_OFTEN.worth();
    }
    let phrases = ratio(kinds.iter().filter(|(k, _)| *k == Kind::Phrase).count(), n);
    match head {
        Kind::Word if phrases > MOST => odds += WORD_ABOVE_PHRASES.worth(),
        Kind::Phrase if phrases < HARDLY_ANY => odds += PHRASE_ABOVE_WORDS.worth(),
        Kind::Bool => odds += TRUTH_ABOVE.worth(),
        _ => {}
    }
    odds
}

/// Characters that names seldom contain and that the cells of a column share: those of paths, addresses, settings.
const MARKS: [u8; 5] = *b"/\\:=@";

fn constant(kinds: &[(Kind, &[u8])]) -> bool {
    kinds.iter().all(|(_, cell)| *cell == kinds[0].1)
}

/// The shape of a code: letters and digits as classes.
fn pattern(cell: &[u8]) -> Vec<u8> {
    let mut shape: Vec<u8> = cell
        .iter()
        .map(|b| match b {
            b'0'..=b'9' => b'9',
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => b'a',
            b => *b,
        })
        .collect();
    shape.dedup();
    shape
}

/// The log odds for numbers that count up from cell to cell in this row and not in those below: years, weeks, ages as the
/// names of columns, or `value1`, `value2`, `value3`.
fn counts_up(first: &Row<'_>, body: &[&Row<'_>]) -> f32 {
    // `1;2;3;Total` counts up by its numbers alone, whatever its last cell ends with.
    let only_above = |counts: &dyn Fn(&Row<'_>) -> bool| {
        counts(first) && body.iter().filter(|row| counts(row)).count() * 10 <= body.len()
    };
    if !last_stem(first).is_empty() && only_above(&|row| counts(row, last_stem(row))) {
        NUMBERED.worth()
    } else if only_above(&|row| counts(row, b"")) {
        COUNTING.worth()
    } else {
        0.0
    }
}

/// The text before the number that a row's last cell ends with.
fn last_stem<'t>(row: &Row<'t>) -> &'t [u8] {
    row.cells.last().map_or(&[], |cell| stem(cell))
}

/// Whether most of a row's cells are `stem` followed by a number, and count up.
fn counts(row: &Row<'_>, stem: &[u8]) -> bool {
    let numbers: Vec<Option<i64>> = row
        .cells
        .iter()
        .map(|cell| whole(cell.trim_ascii().strip_prefix(stem)?))
        .collect();
    let steps = numbers.windows(3).filter(|three| match three {
        [Some(a), Some(b), Some(c)] => b - a == c - b && (1..=10).contains(&(b - a).abs()),
        _ => false,
    });
    // A run of n cells has n − 2 such steps.
    let steps = steps.count();
    steps > 0 && (steps + 2) * 2 > row.filled()
}

/// The text before the number that a cell ends with.
fn stem(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let digits = cell.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    &cell[..cell.len() - digits]
}

/// A short whole number.
fn whole(cell: &[u8]) -> Option<i64> {
    std::str::from_utf8(cell.trim_ascii())
        .ok()
        .filter(|text| text.len() <= 6)?
        .parse()
        .ok()
}

fn is_year(cell: &[u8]) -> bool {
    cell.len() == 4
        && (cell.starts_with(b"19") || cell.starts_with(b"20"))
        && cell.iter().all(u8::is_ascii_digit)
}

fn years(kinds: &[(Kind, &[u8])]) -> bool {
    kinds.iter().filter(|(_, c)| is_year(c)).count() * 2 > kinds.len()
}

/// How much a row on its own looks like names of columns, from about −2 to 2.5.
fn name_likeness(row: &Row<'_>) -> f32 {
    let filled = row.filled();
    if filled == 0 {
        return -2.0;
    }
    let mut odds = 0.0;
    let texts = row
        .kinds
        .iter()
        .filter(|k| !k.is_strong() && **k != Kind::Empty)
        .count();
    if texts < filled {
        odds += VALUES_AMONG_NAMES.worth() * ratio(filled - texts, filled);
    }
    let mut seen = HashSet::new();
    let (mut repeated, mut known, mut made, mut unlike, mut wordless) = (0, 0, 0, 0, 0);
    for (cell, kind) in row.cells.iter().zip(&row.kinds) {
        let cell = cell.trim_ascii();
        if cell.is_empty() || kind.is_strong() {
            continue;
        }
        repeated += usize::from(!seen.insert(cell.to_ascii_lowercase()));
        known += usize::from(names_a_column(cell));
        made += usize::from(looks_made(cell));
        let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
        unlike += usize::from(
            cell.len() > 60 || digits > 2 || cell.contains(&b',') || *kind == Kind::Bool,
        );
        wordless += usize::from(!has_word(cell));
    }
    let of = filled.max(1);
    odds += KNOWN_NAMES.worth() * ratio(known, of)
        + MADE_NAMES.worth() * ratio(made, of)
        + REPEATED_NAMES.worth() * ratio(repeated, of)
        + UNLIKE_NAMES.worth() * ratio(unlike, of)
        + WORDLESS.worth() * ratio(wordless, of);
    odds
}

/// Whether a cell has a letter or digit, or is one of the signs that may be the name of a column: `#`, `%`, `№`.
fn has_word(cell: &[u8]) -> bool {
    String::from_utf8_lossy(cell)
        .chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '#' | '%' | '$' | '№' | '\u{FFFD}'))
}

/// The share of a row's filled cells that look like names of columns.
fn names_in(row: &Row<'_>) -> f32 {
    let known = row
        .cells
        .iter()
        .zip(&row.kinds)
        .filter(|(c, k)| !k.is_strong() && names_a_column(c.trim_ascii()))
        .count();
    ratio(known, row.filled().max(1))
}

/// `snake_case`, `camelCase`, `dotted.name`: made for machines, and therefore a name.
fn looks_made(cell: &[u8]) -> bool {
    let plain = cell
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let letters = cell.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let joined = cell
        .iter()
        .enumerate()
        .any(|(i, b)| matches!(b, b'_') && i > 0)
        || cell
            .windows(2)
            .any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    plain && joined && letters * 2 > cell.len()
}

// How much a table's first row differs from the others, for tables where the kinds of cells do not decide: lengths,
// capitals, digits, spaces and letters beyond ASCII of each column, compared with how much any row differs from the
// others. A header differs more.

/// Small discrete features of a cell, each below [`VALUES`]. The count of values that were never seen: nothing is
/// impossible.
const UNSEEN: f32 = 0.3;

const FEATURES: usize = 6;
const VALUES: usize = 12;

fn features(cell: &[u8], kind: Kind) -> [usize; FEATURES] {
    let cell = cell.trim_ascii();
    let (mut small, mut capital, mut digits, mut spaces, mut others, mut foreign) =
        (0usize, 0usize, 0usize, 0usize, 0usize, 0usize);
    for b in cell {
        match b {
            b'a'..=b'z' => small += 1,
            b'A'..=b'Z' => capital += 1,
            b'0'..=b'9' => digits += 1,
            b' ' => spaces += 1,
            0x80.. => foreign += 1,
            _ => others += 1,
        }
    }
    let first_capital = cell.first().is_some_and(u8::is_ascii_uppercase);
    let case = match (small > 0, capital) {
        (false, 0) => 0,
        (false, _) => 1,
        (true, 0) => 2,
        (true, 1) if first_capital => 3,
        (true, _) if first_capital => 4,
        (true, _) => 5,
    };
    let length = (usize::BITS - cell.len().leading_zeros()) as usize;
    [
        kind.group().min(GROUPS),
        length.min(VALUES - 1),
        case,
        spaces.min(4),
        if digits == 0 {
            0
        } else {
            1 + digits.min(6) / 3
        },
        usize::from(foreign > 0) * 4 + others.min(3),
    ]
}

/// How many standard deviations more `first` differs from `body` than the rows of `body` differ from each other.
fn strangeness(first: &Row<'_>, body: &[&Row<'_>], columns: usize) -> f32 {
    let mut counts = vec![[[0u16; VALUES]; FEATURES]; columns];
    let rows: Vec<Vec<[usize; FEATURES]>> = body
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .zip(&row.kinds)
                .take(columns)
                .map(|(cell, kind)| features(cell, *kind))
                .collect()
        })
        .collect();
    for row in &rows {
        for (column, found) in row.iter().enumerate() {
            for (feature, &value) in found.iter().enumerate() {
                counts[column][feature][value] += 1;
            }
        }
    }
    let n = body.len();
    // A row of the body is judged by the others, not by itself.
    let surprise = |row: &[[usize; FEATURES]], itself: u16| -> f32 {
        let others = ratio(n - usize::from(itself), 1);
        let mut sum = 0.0;
        for (column, found) in row.iter().enumerate() {
            for (feature, &value) in found.iter().enumerate() {
                let count = f32::from(counts[column][feature][value] - itself);
                sum -= ((count + UNSEEN) / (others + 1.0)).ln();
            }
        }
        sum
    };
    let sums: Vec<f32> = rows.iter().map(|row| surprise(row, 1)).collect();
    let mean = sums.iter().sum::<f32>() / ratio(n, 1);
    let variance = sums.iter().map(|s| (s - mean).powi(2)).sum::<f32>() / ratio(n, 1);
    let head: Vec<[usize; FEATURES]> = first
        .cells
        .iter()
        .zip(&first.kinds)
        .take(columns)
        .map(|(cell, kind)| features(cell, *kind))
        .collect();
    (surprise(&head, 0) - mean)
        / (variance.sqrt() + 1.0 + BY_CHANCE.worth() * ratio(columns, 1).sqrt())
}

// The line of sums that people put under a table: the one rule that recognition, previews and checking share.

/// Words for a sum, as normalised by [`normalise_header`]. A schema may have its own words instead.
pub(crate) const WORDS: [&str; 26] = [
    "total",
    "jumlah",
    "jml",
    "grand total",
    "subtotal",
    "sub total",
    "total keseluruhan",
    "jumlah total",
    "total jamaah",
    "total jemaah",
    "total pembayaran",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "somme",
    "totale",
    "totaal",
    "totals",
    "total general",
    "suma",
    "razem",
    "celkem",
    "итого",
    "合計",
    "合计",
];

/// Whether a record is a footer: its first filled cell is a word for a sum (`TOTAL`, `JUMLAH`, `Summe`, …), and the other
/// filled cells are numbers. Readers report such a row as skipped instead of checking it. Checking by a schema also skips
/// a row that begins with such a word and lacks fields that the schema requires.
///
/// ```
/// use import_engine::recognise::is_footer;
///
/// assert!(is_footer(&["JUMLAH", "8", "", ""]));
/// assert!(is_footer(&["", "Grand Total:", "Rp25.000.000"]));
/// assert!(!is_footer(&["Total Tours", "Jakarta", "8"]));
/// assert!(!is_footer(&["Siti", "8"]));
/// ```
#[must_use]
pub fn is_footer<S: AsRef<str>>(cells: &[S]) -> bool {
    let cells = cells.iter().map(AsRef::as_ref);
    sums_up(cells, |word| WORDS.contains(&word), || false)
}

/// The rule: more than one cell, the first filled one a word for a sum, and after it only numbers, or something missing
/// that a record would have. The record of a person named Total has other cells filled.
pub(crate) fn sums_up<'c>(
    cells: impl ExactSizeIterator<Item = &'c str>,
    is_word: impl Fn(&str) -> bool,
    lacks: impl Fn() -> bool,
) -> bool {
    let several = cells.len() > 1;
    let mut filled = cells.filter(|cell| !is_blank(cell));
    let Some(first) = filled.next().filter(|_| several) else {
        return false;
    };
    let word = normalise_header(first.trim_end_matches(['=', ' ']));
    is_word(&word) && (lacks() || filled.all(is_number))
}

/// Whether a cell has no letter, or is a number with its unit or currency: `45 pax`, `Rp25.000.000`.
fn is_number(cell: &str) -> bool {
    !cell.contains(char::is_alphabetic) || is_quantity(cell)
}

/// Whether a text has no visible character.
#[inline]
pub(crate) fn is_blank(cell: &str) -> bool {
    match cell.as_bytes() {
        [] => true,
        [first, ..] if first.is_ascii_graphic() => false,
        _ => cell
            .chars()
            .all(|c| c.is_whitespace() || text::is_invisible(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_words_as_they_are_compared() {
        for word in WORDS {
            assert_eq!(normalise_header(word), word);
        }
    }
}
