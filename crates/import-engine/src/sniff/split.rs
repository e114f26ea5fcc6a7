//! Splits a sample of decoded text into cells by a dialect on trial, and counts how well its quotes behave. Forgiving and
//! approximate: it serves only recognition; the reader reads files.

/// Stands for "no delimiter": never occurs in UTF-8 text.
pub(super) const NONE: u8 = 0xFF;

/// A dialect on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    /// Consecutive delimiters count as one: columns aligned with spaces.
    pub(super) runs: bool,
}

/// The range of a cell in the text, without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

impl Cell {
    pub(super) fn of<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.start..self.end]
    }
}

/// The cells of a sample, record by record.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) cells: Vec<Cell>,
    /// End of each record in `cells`.
    ends: Vec<usize>,
    /// Cells that are opened and closed correctly with the quote.
    pub(super) proper: usize,
    /// Quotes that open a cell and do not close it, or close it before its end.
    pub(super) improper: usize,
    /// Doubled quotes inside proper cells.
    pub(super) doubled: usize,
    /// Escaped quotes inside proper cells.
    pub(super) escaped: usize,
    /// Bytes read after quotes that were never closed.
    wasted: usize,
    /// Whether the last record ends inside a quoted cell that was cut by the end of the sample.
    pub(super) is_cut: bool,
}

impl Table {
    pub(super) fn rows(
        &self,
    ) -> impl DoubleEndedIterator<Item = &[Cell]> + ExactSizeIterator + Clone {
        (0..self.ends.len()).map(|i| self.row(i))
    }

    pub(super) fn row(&self, i: usize) -> &[Cell] {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.cells[start..self.ends[i]]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn push(&mut self, start: usize, end: usize) {
        self.cells.push(Cell {
            start,
            end,
            quoted: false,
        });
    }

    fn end_row(&mut self) {
        self.ends.push(self.cells.len());
    }

    /// Whether one of the last records has this number of cells, or there is none yet.
    fn may_go_on_with(&self, cells: usize) -> bool {
        /// Records: among these there is an ordinary one.
        const LOOKED_AT: usize = 20;
        let mut last = self.rows().rev().take(LOOKED_AT);
        self.ends.is_empty() || last.any(|row| row.len() == cells)
    }

    /// Drops the last record, which the end of the sample may have cut.
    pub(super) fn drop_last(&mut self) {
        self.is_cut = false;
        self.ends.pop();
        self.cells.truncate(self.ends.last().copied().unwrap_or(0));
    }
}

/// After this many lines of a quoted cell, it is checked whether they are records after a stray quote: a note has fewer.
const MAX_LINES: usize = 60;
/// With more quotes inside a quoted cell, neither doubled nor escaped, the cell counts as not closed: keeps a line of
/// stray quotes linear.
const MAX_INNER: usize = 32;

/// Splits `text` into at most `max_rows` records. Blank lines are records of one empty cell. A text that was cut off may
/// end inside a quoted cell.
pub(super) fn split(text: &[u8], trial: Trial, max_rows: usize, cut_short: bool) -> Table {
    let mut table = Table::default();
    let Trial {
        delimiter, quote, ..
    } = trial;
    let mut stops = [false; 256];
    for stop in [delimiter, b'\r', b'\n'] {
        stops[usize::from(stop)] = true;
    }
    let mut i = 0;
    let mut start = 0;
    // Whether there are only blanks before `i` in its cell, so that a quote opens it. It is stored and not computed,
    // because a line of blanks and quotes would be scanned again for each quote.
    let mut opens = true;
    while table.ends.len() < max_rows {
        let Some(&byte) = text.get(i) else {
            if !text.is_empty() {
                table.push(start, i);
                table.end_row();
            }
            break;
        };
        if Some(byte) == quote && opens {
            let Some(cell) = quoted(text, i, trial, cut_short, &mut table) else {
                table.improper += 1;
                i += 1;
                opens = false;
                continue;
            };
            table.cells.push(cell);
            i = (cell.end + usize::from(cell.quoted)).min(text.len());
            while text.get(i) == Some(&b' ') && delimiter != b' ' {
                i += 1;
            }
            match text.get(i) {
                Some(b'\r' | b'\n') => {
                    table.end_row();
                    i = line_end(text, i);
                }
                Some(_) => {
                    // The delimiter; at the very end it opens one more cell, which is empty.
                    i += 1;
                    (start, opens) = (i, true);
                    continue;
                }
                None => table.end_row(),
            }
        } else if byte == delimiter {
            if !(trial.runs && i == start) {
                table.push(start, i);
            }
            i += 1;
            (start, opens) = (i, true);
            continue;
        } else if matches!(byte, b'\r' | b'\n') {
            table.push(start, i);
            table.end_row();
            i = line_end(text, i);
        } else {
            i += 1;
            opens &= byte == b' ' && delimiter != b' ';
            // The rest of an ordinary cell needs no closer look.
            if Some(byte) != quote && byte != b' ' {
                i += text[i..]
                    .iter()
                    .take_while(|b| !stops[usize::from(**b)])
                    .count();
            }
            continue;
        }
        // A line has ended.
        (start, opens) = (i, true);
        if i == text.len() {
            break;
        }
    }
    table
}

fn line_end(text: &[u8], i: usize) -> usize {
    if text[i] == b'\r' && text.get(i + 1) == Some(&b'\n') {
        i + 2
    } else {
        i + 1
    }
}

/// The quoted cell that opens at `open`, or `None` if it is not closed correctly.
fn quoted(
    text: &[u8],
    open: usize,
    trial: Trial,
    cut_short: bool,
    table: &mut Table,
) -> Option<Cell> {
    // Any number of stray quotes would make the work quadratic.
    if table.wasted > 4 * text.len() {
        return None;
    }
    let (mut cell, end) = closed(text, open, trial, table);
    if cell.is_none() && cut_short && end == text.len() {
        cell = cut_cell(text, open, trial, table);
        table.is_cut = cell.is_some();
        table.proper += usize::from(table.is_cut);
    }
    if cell.is_none() {
        table.wasted += end - open;
    }
    cell
}

/// The cell that the end of the sample cut, unless its lines look like records: then its quote is stray.
fn cut_cell(text: &[u8], open: usize, trial: Trial, table: &Table) -> Option<Cell> {
    let cell = Cell {
        start: open + 1,
        end: text.len(),
        quoted: true,
    };
    (!are_records(cell.of(text), trial.delimiter, table)).then_some(cell)
}

/// Whether nearly all lines inside a quoted cell have the same number of delimiters, one that records above have too:
/// they are records that a stray quote swallowed, not a note. Without a delimiter nothing distinguishes them, and stray
/// quotes are the rule.
fn are_records(cell: &[u8], delimiter: u8, above: &Table) -> bool {
    if delimiter == NONE {
        return true;
    }
    let mut counts: Vec<usize> = cell
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .skip(1)
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| memchr::memchr_iter(delimiter, line).count())
        .collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let alike = counts.iter().filter(|count| **count == usual).count();
    usual > 0 && alike * 5 >= counts.len() * 4 && above.may_go_on_with(usual + 1)
}

/// The cell, if it is closed, and the position up to which the text was searched.
fn closed(text: &[u8], open: usize, trial: Trial, table: &mut Table) -> (Option<Cell>, usize) {
    let Some(quote) = trial.quote else {
        return (None, open);
    };
    let (mut doubled, mut escaped, mut inner, mut lines) = (0, 0, 0, 0);
    let mut i = open + 1;
    while let Some(&byte) = text.get(i) {
        if Some(byte) == trial.escape && text.get(i + 1).is_some() {
            escaped += usize::from(text[i + 1] == quote);
            i += 2;
        } else if byte == quote {
            let mut next = i + 1;
            while text.get(next) == Some(&b' ') && trial.delimiter != b' ' {
                next += 1;
            }
            if text
                .get(next)
                .is_none_or(|&b| b == trial.delimiter || b == b'\r' || b == b'\n')
            {
                if inner > 0 {
                    // `"a" and "b"`: quotes that are part of the text.
                    table.improper += 1;
                    return (
                        Some(Cell {
                            start: open,
                            end: i + 1,
                            quoted: false,
                        }),
                        i,
                    );
                }
                table.proper += 1;
                table.doubled += doubled;
                table.escaped += escaped;
                return (
                    Some(Cell {
                        start: open + 1,
                        end: i,
                        quoted: true,
                    }),
                    i,
                );
            }
            if text.get(i + 1) == Some(&quote) {
                doubled += 1;
                i += 2;
            } else {
                inner += 1;
                if inner > MAX_INNER {
                    return (None, i);
                }
                i += 1;
            }
        } else {
            if byte == b'\n' || (byte == b'\r' && text.get(i + 1) != Some(&b'\n')) {
                lines += 1;
                let many =
                    lines == MAX_LINES && are_records(&text[open..i], trial.delimiter, table);
                if many || inner > 0 {
                    return (None, i);
                }
            }
            i += 1;
        }
    }
    (None, i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, delimiter: u8, expected: &[&[&str]]) -> Table {
        let trial = Trial {
            delimiter,
            quote: Some(b'"'),
            escape: None,
            runs: false,
        };
        let table = split(text.as_bytes(), trial, usize::MAX, false);
        let cells: Vec<Vec<&str>> = table
            .rows()
            .map(|r| {
                r.iter()
                    .map(|c| std::str::from_utf8(c.of(text.as_bytes())).unwrap())
                    .collect()
            })
            .collect();
        assert_eq!(cells, expected);
        table
    }

    #[test]
    fn splits_records_at_every_kind_of_line_end() {
        check(
            "a,b\r\nc,d\ne,f\rg,",
            b',',
            &[&["a", "b"], &["c", "d"], &["e", "f"], &["g", ""]],
        );
        check("", b',', &[]);
        check("a\n\nb", b',', &[&["a"], &[""], &["b"]]);
    }

    #[test]
    fn keeps_delimiters_and_line_ends_inside_quotes() {
        let table = check(
            "\"a,\"\"x\"\"\",\"b\nc\"\nd,\"\"\n",
            b',',
            &[&["a,\"\"x\"\"", "b\nc"], &["d", ""]],
        );
        assert_eq!((table.proper, table.improper, table.doubled), (3, 0, 2));
    }

    #[test]
    fn contains_a_quote_that_nothing_closes() {
        let table = check(
            "a,b\n\"open,1\nx \"y\" z,2\n\"c\",3\n",
            b',',
            &[
                &["a", "b"],
                &["\"open", "1"],
                &["x \"y\" z", "2"],
                &["c", "3"],
            ],
        );
        assert_eq!((table.proper, table.improper), (1, 1));
    }
}
