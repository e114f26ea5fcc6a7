//! Compares verdicts with the truth, and keeps count by what was taken for what.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use import_engine::recognise::{Decoder, Dialect, Encoding, Sniffer};

use super::file::File;

/// Counts over a set of files.
#[derive(Default)]
pub(crate) struct Score {
    files: usize,
    dialect: usize,
    delimiter: usize,
    encoding: usize,
    row: usize,
    headed: [usize; 2],
    headless: [usize; 2],
    confusion: BTreeMap<String, usize>,
    times: Vec<Duration>,
}

impl Score {
    pub(crate) const HEADINGS: &str = "set            files  dialect  delimiter  header(with  without  row)  encoding   median ms  p95 ms";

    pub(crate) fn files(&self) -> usize {
        self.files
    }

    /// Sniffs the file and counts what is right.
    pub(crate) fn judge(&mut self, file: &File) {
        let start = Instant::now();
        let mut sniffer = Sniffer::new();
        sniffer.feed(&file.bytes);
        let found = sniffer
            .finish()
            .unwrap_or_else(|e| panic!("{}: {e}", file.name));
        self.times.push(start.elapsed());
        self.files += 1;
        let mut wrong = Vec::new();
        let delimiter = match file.delimiter {
            Some(delimiter) => delimiter == found.delimiter,
            None => found.columns == 1,
        };
        self.delimiter += usize::from(delimiter);
        let show = |b: Option<u8>| {
            b.map_or("none".to_owned(), |b| {
                char::from(b).escape_default().to_string()
            })
        };
        if !delimiter {
            wrong.push(format!(
                "delimiter {} taken for {}",
                show(file.delimiter),
                show(Some(found.delimiter))
            ));
        }
        let quote = match file.quote {
            Some(quote) => found.quote == Some(quote) && found.escape == file.escape,
            None => matches!(found.quote, None | Some(b'"')),
        };
        self.dialect += usize::from(delimiter && quote);
        if delimiter && !quote {
            wrong.push(format!(
                "quote {}, escape {} taken for {}, {}",
                show(file.quote),
                show(file.escape),
                show(found.quote),
                show(found.escape)
            ));
        }
        let same = file.header_row.is_some() == found.header_row.is_some();
        let counts = if file.header_row.is_some() {
            &mut self.headed
        } else {
            &mut self.headless
        };
        counts[0] += usize::from(same);
        counts[1] += 1;
        if !same {
            wrong.push(
                if file.header_row.is_some() {
                    "header taken for data"
                } else {
                    "data taken for header"
                }
                .to_owned(),
            );
        }
        if file.header_row.is_some() {
            self.row += usize::from(file.header_row == found.header_row);
            if same && file.header_row != found.header_row {
                wrong.push("wrong header row".to_owned());
            }
        }
        // Two encodings that give the same text are the same verdict.
        let encoding = decode(&file.bytes, found.encoding) == file.text;
        self.encoding += usize::from(encoding);
        if !encoding {
            wrong.push(format!(
                "encoding {} taken for {}",
                file.encoding, found.encoding
            ));
        }
        if !wrong.is_empty() && std::env::var_os("CORPUS_SHOW").is_some() {
            self.show(file, &found, &wrong);
        }
        for miss in wrong {
            *self.confusion.entry(miss).or_default() += 1;
        }
    }

    #[expect(clippy::unused_self, reason = "belongs to the judge")]
    fn show(&self, file: &File, found: &Dialect, wrong: &[String]) {
        let head: String = file.text.chars().take(300).collect();
        println!(
            "--- {} {wrong:?} header {:?} found {:?} {:?}\n{head:?}",
            file.name, file.header_row, found.header_row, found.confidence
        );
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.dialect += other.dialect;
        self.delimiter += other.delimiter;
        self.encoding += other.encoding;
        self.row += other.row;
        for i in 0..2 {
            self.headed[i] += other.headed[i];
            self.headless[i] += other.headless[i];
        }
        for (miss, count) in &other.confusion {
            *self.confusion.entry(miss.clone()).or_default() += count;
        }
        self.times.extend(&other.times);
    }

    /// Dialect, header and encoding right, in percent.
    pub(crate) fn shares(&self) -> [f64; 3] {
        [
            percent(self.dialect, self.files),
            percent(self.headed[0] + self.headless[0], self.files),
            percent(self.encoding, self.files),
        ]
    }

    pub(crate) fn line(&self, name: &str) -> String {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |share: usize| {
            times
                .get(times.len() * share / 100)
                .map_or(0.0, Duration::as_secs_f64)
                * 1000.0
        };
        format!(
            "{name:<14} {:>5}  {:>7.1}  {:>9.1}  {:>6.1} {:>5.1} {:>5.1} {:>5.1}  {:>8.1}   {:>9.2}  {:>6.2}",
            self.files,
            percent(self.dialect, self.files),
            percent(self.delimiter, self.files),
            self.shares()[1],
            percent(self.headed[0], self.headed[1]),
            percent(self.headless[0], self.headless[1]),
            percent(self.row, self.headed[1]),
            percent(self.encoding, self.files),
            at(50),
            at(95),
        )
    }

    /// What was taken for what, most frequent first.
    pub(crate) fn confusion(&self) -> String {
        let mut misses: Vec<(&String, &usize)> = self.confusion.iter().collect();
        misses.sort_by(|a, b| b.1.cmp(a.1));
        misses
            .iter()
            .map(|(miss, count)| format!("{count:>5}  {miss}\n"))
            .collect()
    }
}

fn decode(bytes: &[u8], encoding: Encoding) -> String {
    let (mut decoder, mut text) = (Decoder::new(encoding), String::new());
    decoder.feed(bytes, &mut text);
    decoder.finish(&mut text);
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts of files")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        100.0
    } else {
        100.0 * part as f64 / whole as f64
    }
}
