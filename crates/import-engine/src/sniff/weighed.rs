//! Switches off each weight of recognition: without it, the case that is kept for it in `tests/weights.tsv` is read
//! wrongly. A weight without a case, or one whose case is read equally well without it, is to be removed.
//!
//! `WEIGHTS=200 cargo test -p import-engine --lib weighed -- --nocapture` prints what the corpus loses without each
//! weight, with that many files in each set. `WEIGHTS_FIND=200` searches the smallest file that is lost and keeps it as
//! the case of a weight that has none.

#[path = "../../tests/corpus/sets.rs"]
#[expect(
    dead_code,
    reason = "the scores are counted by the tests of the corpus"
)]
mod sets;
#[path = "../../tests/corpus/small.rs"]
mod small;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use super::{Sniffer, header, judge, kind};
use crate::{
    csv::Dialect,
    text::{Decoder, SWITCHED_OFF, legacy},
};
use sets::{
    SETS,
    file::{self, File},
    rng::{self, Rng},
    table, vocabulary,
};

/// Modules with weights.
const ALL: [(&str, &[&str]); 4] = [
    ("header", header::WEIGHTS),
    ("dialect", judge::WEIGHTS),
    ("cell", kind::WEIGHTS),
    ("encoding", legacy::WEIGHTS),
];

fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|(_, names)| names.iter().copied())
}

/// What is decided about a file: delimiter, quote, escape, header row, encoding.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    delimiter: Option<char>,
    quote: Option<char>,
    escape: Option<char>,
    header: u64,
    encoding: String,
}

impl Verdict {
    fn of(found: &Dialect) -> Self {
        Self {
            delimiter: (found.columns > 1).then(|| char::from(found.delimiter)),
            quote: found.quote.map(char::from),
            escape: found.escape.map(char::from),
            header: found.header_row.unwrap_or(0),
            encoding: found.encoding.to_string(),
        }
    }

    /// `, " none 1 utf-8`: delimiter, quote, escape, header row, encoding.
    fn shown(found: Option<&Dialect>) -> String {
        let Some(found) = found.map(Self::of) else {
            return "nothing".to_owned();
        };
        let signs = [found.delimiter, found.quote, found.escape].map(|sign| match sign {
            None => "none".to_owned(),
            Some(' ') => "space".to_owned(),
            Some(sign) if sign.is_control() => sign.escape_default().to_string(),
            Some(sign) => sign.to_string(),
        });
        format!("{} {} {}", signs.join(" "), found.header, found.encoding)
    }
}

fn without(name: &'static str, bytes: &[u8], known: &str) -> Option<Dialect> {
    SWITCHED_OFF.set(name);
    let known = known.split(',').filter(|name| !name.is_empty());
    let mut sniffer = Sniffer::new().with_known_headers(known);
    sniffer.feed(bytes);
    let found = sniffer.finish().ok();
    SWITCHED_OFF.set("");
    found
}

fn is_right(file: &File, found: &Dialect) -> bool {
    let delimiter = match file.delimiter {
        Some(delimiter) => delimiter == found.delimiter,
        None => found.columns == 1,
    };
    let quote = match file.quote {
        Some(quote) => found.quote == Some(quote) && found.escape == file.escape,
        None => matches!(found.quote, None | Some(b'"')),
    };
    delimiter
        && quote
        && file.header_row == found.header_row
        && decoded(&file.bytes, found) == file.text
}

fn decoded(bytes: &[u8], found: &Dialect) -> String {
    let (mut decoder, mut text) = (Decoder::new(found.encoding), String::new());
    decoder.feed(bytes, &mut text);
    decoder.finish(&mut text);
    text
}

/// The files of the corpus that are read correctly.
fn files(count: usize) -> Vec<(&'static str, File)> {
    let mut all = Vec::new();
    for (index, (set, generate, _)) in SETS.into_iter().enumerate() {
        let mut rng = Rng::new(1_000 + index as u64);
        let made = std::iter::from_fn(|| Some(generate(&mut rng)));
        let files = made.flatten().take(count);
        all.extend(files.map(|file| (set, file)));
    }
    all.extend(sets::fixtures::files().map(|file| ("handwritten", file)));
    all.retain(|(_, file)| {
        without("", &file.bytes, "").is_some_and(|found| is_right(file, &found))
    });
    all
}

fn setting(name: &str) -> Option<usize> {
    env::var(name).ok()?.parse().ok()
}

/// The file of the cases: a weight, headers that the caller knows, the verdict, the file with its bytes escaped.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/weights.tsv")
}

struct Case {
    weight: String,
    known: String,
    verdict: String,
    bytes: Vec<u8>,
}

impl Case {
    fn all() -> Vec<Self> {
        let text = fs::read_to_string(kept()).unwrap_or_default();
        let cases = text.lines().map(|line| {
            let mut columns = line.split('\t').map(str::to_owned);
            let mut next = || columns.next().unwrap_or_default();
            Self {
                weight: next(),
                known: next(),
                verdict: next(),
                bytes: unescaped(&next()),
            }
        });
        cases.collect()
    }

    fn line(&self) -> String {
        let bytes = self.bytes.escape_ascii();
        let Self {
            weight,
            known,
            verdict,
            ..
        } = self;
        format!("{weight}\t{known}\t{verdict}\t{bytes}\n")
    }

    fn judged(&self, weight: &'static str) -> String {
        Verdict::shown(without(weight, &self.bytes, &self.known).as_ref())
    }
}

/// The opposite of `escape_ascii`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            _ => match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'x') => {
                    let hex = [rest.next(), rest.next()].map(Option::unwrap_or_default);
                    let hex = std::str::from_utf8(&hex).unwrap_or_default();
                    u8::from_str_radix(hex, 16).unwrap_or_default()
                }
                other => other.unwrap_or_default(),
            },
        });
    }
    bytes
}

#[test]
fn each_weight_decides_the_case_that_is_kept_for_it() {
    let cases = Case::all();
    let mut wrong = Vec::new();
    for name in names() {
        let Some(case) = cases.iter().find(|case| case.weight == name) else {
            wrong.push(format!("{name}: no case"));
            continue;
        };
        let with = case.judged("");
        if with != case.verdict {
            wrong.push(format!("{name}: {with}, not {}", case.verdict));
        }
        if case.judged(name) == with {
            wrong.push(format!("{name}: {with} all the same"));
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    assert_eq!(
        cases.len(),
        names().count(),
        "cases of weights that are gone"
    );
}

#[test]
fn what_the_corpus_loses_without_each_weight() {
    let Some(count) = setting("WEIGHTS") else {
        return;
    };
    let files = files(count);
    println!("{} files are read rightly; lost without", files.len());
    for (module, names) in ALL {
        for &name in names {
            let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
            for (set, file) in &files {
                let found = without(name, &file.bytes, "");
                if !found.is_some_and(|found| is_right(file, &found)) {
                    *lost.entry(set).or_default() += 1;
                }
            }
            let sum: usize = lost.values().sum();
            println!("{module:<10} {name:<26} {sum:>5}  {lost:?}");
        }
    }
}

/// Finds the smallest file that is lost without a weight, and keeps it.
#[test]
fn cases_are_found_where_they_are_asked_for() {
    let Some(count) = setting("WEIGHTS_FIND") else {
        return;
    };
    let mut cases = Case::all();
    let lacking: Vec<_> = names()
        .filter(|name| cases.iter().all(|case| case.weight != *name))
        .collect();
    let mut best: BTreeMap<&str, (&str, File)> = BTreeMap::new();
    for (set, file) in files(count) {
        try_all(&lacking, set, &file, &mut best);
    }
    // A file that users sent is a better case than an invented one.
    let lacking: Vec<_> = lacking
        .into_iter()
        .filter(|name| !best.contains_key(name))
        .collect();
    let mut rng = Rng::new(setting("WEIGHTS_SEED").unwrap_or(1) as u64);
    for _ in 0..count * 1_000 {
        let Some(file) = small::small(&mut rng) else {
            continue;
        };
        if without("", &file.bytes, "").is_some_and(|found| is_right(&file, &found)) {
            try_all(&lacking, "small", &file, &mut best);
        }
    }
    for (name, (set, file)) in best {
        let bytes = smallest(name, &file);
        println!(
            "{name}: {set}, {} of {} bytes",
            bytes.len(),
            file.bytes.len()
        );
        cases.push(Case {
            weight: name.to_owned(),
            known: String::new(),
            verdict: Verdict::shown(without("", &bytes, "").as_ref()),
            bytes,
        });
    }
    let mut lines = String::new();
    // A case that was written by hand has a question mark as its verdict.
    for case in cases.iter_mut().filter(|case| case.verdict == "?") {
        case.verdict = case.judged("");
    }
    for name in names() {
        match cases.iter().find(|case| case.weight == name) {
            Some(case) => lines.push_str(&case.line()),
            None => println!("{name}: no case"),
        }
    }
    fs::write(kept(), lines).unwrap();
}

/// Keeps the file for each weight without which it is lost, if it is smaller than the one that is kept.
fn try_all<'s>(
    lacking: &[&'static str],
    set: &'s str,
    file: &File,
    best: &mut BTreeMap<&'static str, (&'s str, File)>,
) {
    for &name in lacking {
        let smaller = best
            .get(name)
            .is_none_or(|(_, known)| file.bytes.len() < known.bytes.len());
        if !smaller {
            continue;
        }
        let found = without(name, &file.bytes, "");
        let shown = Verdict::shown(found.as_ref());
        let is_other = shown != Verdict::shown(without("", &file.bytes, "").as_ref());
        if is_other && !found.is_some_and(|found| is_right(file, &found)) {
            let copy = File {
                name: file.name.clone(),
                bytes: file.bytes.clone(),
                text: file.text.clone(),
                ..*file
            };
            best.insert(name, (set, copy));
        }
    }
}

/// The file without the lines below its header that the weight is not needed for.
fn smallest(name: &'static str, file: &File) -> Vec<u8> {
    let meant = without("", &file.bytes, "").as_ref().map(Verdict::of);
    let holds = |bytes: &[u8]| {
        let with = without("", bytes, "");
        let off = without(name, bytes, "");
        let (Some(with), Some(off)) = (with, off) else {
            return false;
        };
        let differs = Verdict::of(&with) != Verdict::of(&off)
            && (with.encoding == off.encoding || decoded(bytes, &with) != decoded(bytes, &off));
        Some(Verdict::of(&with)) == meant && differs
    };
    let mut lines: Vec<&[u8]> = file.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    if !holds(&file.bytes) {
        return file.bytes.clone();
    }
    let mut size = lines.len() / 2;
    while size > 0 {
        let mut at = 1;
        while at + size <= lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(at..at + size);
            if holds(&fewer.concat()) {
                lines = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    lines.concat()
}
