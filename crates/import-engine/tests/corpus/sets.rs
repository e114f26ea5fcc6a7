//! The sets of the corpus: what makes their files, and how well they must be recognised. The tests of the weights, inside the crate, use
//! them too.

#![expect(
    clippy::unnecessary_wraps,
    clippy::similar_names,
    clippy::too_many_lines,
    clippy::format_collect,
    clippy::doc_markdown,
    reason = "every generator has one signature and the words of its table"
)]

pub(crate) mod exports;
pub(crate) mod file;
pub(crate) mod fixtures;
pub(crate) mod listings;
pub(crate) mod oddities;
pub(crate) mod rng;
pub(crate) mod score;
pub(crate) mod table;
pub(crate) mod vocabulary;

use file::File;
use rng::Rng;

/// A set: its name, its generator, and the least share of files, in percent, whose dialect, header and encoding must be right.
pub(crate) type Set = (&'static str, fn(&mut Rng) -> Option<File>, [f64; 3]);

pub(crate) const SETS: [Set; 12] = [
    ("spreadsheets", exports::spreadsheets, [98.0, 98.0, 98.0]),
    ("databases", exports::databases, [98.0, 98.0, 99.0]),
    ("science", exports::science, [98.0, 98.0, 98.0]),
    ("offices", exports::offices, [98.0, 98.0, 97.0]),
    ("headless", oddities::headless, [98.0, 97.0, 99.0]),
    ("texts", oddities::texts, [98.0, 94.0, 99.0]),
    ("short", oddities::short, [97.0, 96.0, 99.0]),
    ("single", oddities::single, [97.0, 95.0, 99.0]),
    ("traps", oddities::traps, [98.0, 98.0, 99.0]),
    ("encodings", oddities::encodings, [98.0, 98.0, 97.0]),
    ("late letters", oddities::late_letters, [98.0, 98.0, 96.0]),
    ("listings", listings::listings, [98.0, 97.0, 98.0]),
];
