//! Ten megabytes of every short pattern of quotes, delimiters, line ends and escapes, each through recognition, survey and
//! check: prints the slowest, and fails if one takes longer than it may. Time is that of the processor, of an optimised build.
//!
//! Patterns are the ones that were slow once, some by chance, and all that are up to a length; of the last ones, which are
//! many, a small file each is measured first, and only those that stand out are repeated at full size.
//!
//! ```sh
//! # Two seconds, 300 patterns by chance, all patterns of up to three letters.
//! cargo run --release -p import-engine --example repeated_patterns -- 2.0 300 3
//! ```
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use import_engine::{
    Field, Plan, Schema,
    recognise::{Dialect, Sniffer},
};

/// What files are made of that mean to hurt.
const PIECES: [&str; 12] = [
    "\"", "\"\"", ",", "\n", "\r", "\\", "a", " ", "\"\n\"", "\u{2028}", "#", ";",
];
/// The pieces of a pattern.
const LONGEST: usize = 9;
/// How often a piece stands in a row. Long runs are for what looks back, or looks ahead, over all of one.
const RUNS: [usize; 8] = [1, 1, 1, 1, 1, 1, 70, 5_000];
/// Bytes of a file.
const SIZE: usize = 10 << 20;

/// What systematic patterns are made of.
const LETTERS: [&str; 8] = ["\"", ",", ";", "\r", "\n", "\\", "a", "\u{2028}"];
/// Heads of files: what comes above decides how the rest is read.
const HEADS: [&str; 4] = [
    "\"name\",\"note\"\n\"a\",\"b\"\n",
    "name,note\na,b\n",
    "name;note\r\n",
    "",
];
/// Bytes of the file by which a systematic pattern is judged first.
const SMALL: usize = 256 << 10;
/// Systematic patterns that are repeated at full size, the slowest.
const OUTSTANDING: usize = 24;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let limit = Duration::from_secs_f64(arguments.next().map_or(Ok(2.0), |text| text.parse())?);
    let count: usize = arguments.next().map_or(Ok(300), |text| text.parse())?;
    let longest: usize = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let mut files: Vec<(&str, String)> = outstanding(longest)?;
    let mut chance = Chance(42);
    let others = known()
        .into_iter()
        .chain((0..count).map(|_| chance.pattern()));
    files.extend(others.map(|pattern| (HEADS[0], pattern)));
    let mut times = Vec::new();
    for (head, pattern) in files {
        times.push((took(head, &pattern, SIZE)?, head, pattern));
    }
    times.sort();
    for (time, head, pattern) in times.iter().rev().take(10) {
        println!(
            "{:6} ms  {} below {head:?}",
            time.as_millis(),
            shown(pattern)
        );
    }
    match times.last() {
        Some((time, head, pattern)) if *time > limit => {
            let pattern = shown(pattern);
            Err(format!("{pattern} below {head:?} took {time:?}, more than {limit:?}").into())
        }
        _ => Ok(()),
    }
}

/// Those of all patterns of up to `longest` letters that take longest, each below the head where it does.
fn outstanding(longest: usize) -> Result<Vec<(&'static str, String)>, Box<dyn std::error::Error>> {
    let mut times = Vec::new();
    for length in 1..=longest {
        for number in 0..LETTERS.len().pow(u32::try_from(length)?) {
            let Some(pattern) = systematic(number, length) else {
                continue;
            };
            for head in HEADS {
                times.push((took(head, &pattern, SMALL)?, head, pattern.clone()));
            }
        }
    }
    times.sort();
    if let (Some((median, ..)), Some((slowest, head, pattern))) =
        (times.get(times.len() / 2), times.last())
    {
        println!(
            "{} files of {SMALL} bytes: {} µs in the middle, {} µs at most ({} below {head:?})",
            times.len(),
            median.as_micros(),
            slowest.as_micros(),
            shown(pattern),
        );
    }
    let slowest = times.into_iter().rev().take(OUTSTANDING);
    Ok(slowest.map(|(_, head, pattern)| (head, pattern)).collect())
}

/// The pattern with this number. `None` if another one repeats to the same file but for its first bytes.
fn systematic(number: usize, length: usize) -> Option<String> {
    let mut rest = number;
    let letters: Vec<usize> = (0..length)
        .map(|_| {
            let letter = rest % LETTERS.len();
            rest /= LETTERS.len();
            letter
        })
        .collect();
    let is_first = (1..length).all(|turn| {
        let turned = letters[turn..].iter().chain(&letters[..turn]);
        letters.iter().lt(turned)
    });
    is_first.then(|| letters.iter().map(|letter| LETTERS[*letter]).collect())
}

/// Patterns that were slow once.
fn known() -> Vec<String> {
    [
        "\"a\"b\",\"\n",
        "\",\"\",\"\r\"a\"b1#",
        "\",\"\"\"\\\"\u{2028}\r#",
        "\"\"\",",
        "\"a\n",
        "\n\"",
        "\"a\nb\"c\n",
        " \"\"\",",
        // Blanks, and behind them quotes, each of which might open the cell.
        &(" ".repeat(20_000) + &"\"".repeat(20_000) + "x"),
        ",",
        "\"",
        "\n",
        "\\",
    ]
    .map(str::to_owned)
    .into()
}

/// A pattern with its long runs counted.
fn shown(pattern: &str) -> String {
    let mut parts: Vec<(char, usize)> = Vec::new();
    for letter in pattern.chars() {
        match parts.last_mut() {
            Some((last, count)) if *last == letter => *count += 1,
            _ => parts.push((letter, 1)),
        }
    }
    let part = |(letter, count): &(char, usize)| match count {
        1..10 => letter.escape_debug().to_string().repeat(*count),
        _ => format!("{}×{count} ", letter.escape_debug()),
    };
    let shown: String = parts.iter().map(part).collect();
    if shown.len() > 300 {
        format!("{:.300}… ({} bytes)", shown, pattern.len())
    } else {
        shown
    }
}

/// The longest of the three steps: a caller does them one by one, and may stop between them.
fn took(head: &str, pattern: &str, size: usize) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut file = head.as_bytes().to_vec();
    file.extend(pattern.bytes().cycle().take(size));
    let started = processor_time();
    let mut sniffer = Sniffer::new().with_known_headers(["name", "note"]);
    for chunk in file.chunks(64 << 10) {
        sniffer.feed(chunk);
    }
    let recognised = sniffer.finish();
    let mut slowest = processor_time().saturating_sub(started);
    // Whatever it is taken for, it is read as what hurts most too: with quotes, and with escapes.
    let quoted = Dialect::default();
    let escaped = Dialect {
        escape: Some(b'\\'),
        ..Dialect::default()
    };
    for dialect in recognised.into_iter().chain([quoted, escaped]) {
        let schema = Schema::builder("contacts")
            .field(Field::text("name").required())
            .field(Field::text("note"))
            .build()?;
        let headers = vec!["name".to_owned(), "note".to_owned()];
        let mapping = schema.map_headers(&headers)?;
        let dialect = Dialect {
            headers,
            header_row: Some(1),
            ..dialect
        };
        let started = processor_time();
        // Too many rows is an answer too.
        let surveyed = Plan::new(schema, dialect, mapping).surveyed(&file);
        slowest = slowest.max(processor_time().saturating_sub(started));
        if let Ok(plan) = surveyed {
            let started = processor_time();
            let _ = plan.import(&file).each(|_| Ok::<_, Infallible>(()));
            slowest = slowest.max(processor_time().saturating_sub(started));
        }
    }
    Ok(slowest)
}

/// What this thread has had of the processor, so that a busy machine makes nothing slow; where the system does not tell, the time.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told
        .ok()
        .and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// The same patterns every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    fn pattern(&mut self) -> String {
        let length = 1 + self.below(LONGEST);
        (0..length)
            .map(|_| PIECES[self.below(PIECES.len())].repeat(RUNS[self.below(RUNS.len())]))
            .collect()
    }
}
