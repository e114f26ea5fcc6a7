//! What a column that is not a field may show about its rows: that they are not records of this kind, or may not be
//! records yet.

use std::sync::OnceLock;

use super::{
    Inner,
    header::{Header, Phrases, Token, squeezed},
};
use crate::{
    issue::{IssueCode, IssueKind, Problem, Severity},
    value::{locale::EmptyWords, text::folded},
};

/// What such columns are checked for, and the field on which it is reported.
#[derive(Clone)]
pub(crate) struct Beside {
    pub(crate) field: Box<str>,
    pub(crate) heard: Heard,
}

/// What such columns are checked for.
#[derive(Clone)]
pub(crate) enum Heard {
    /// A whole cell: the row is refused.
    Words(EmptyWords),
    /// The beginning of a short cell: the row gets a warning.
    Beginnings(Beginnings),
    /// A denial below a header that asks for what makes the row a record: the row gets a warning.
    Denial {
        asked: Vec<Box<str>>,
        /// The phrases in the form in which they are compared.
        phrases: OnceLock<Phrases>,
        denials: EmptyWords,
    },
}

/// Phrases with which cells begin.
#[derive(Clone)]
pub(crate) struct Beginnings {
    phrases: Vec<Box<str>>,
    /// The first bytes of phrases: most cells end here.
    first: Box<[bool; 256]>,
}

/// Bytes: a longer text is a note about something, not the state of a row.
const LONGEST_STATE: usize = 60;

impl Beginnings {
    pub(crate) fn new<I>(phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases: Vec<Box<str>> = phrases
            .into_iter()
            .map(|phrase| folded(phrase.as_ref()).into())
            .collect();
        let mut first = Box::new([false; 256]);
        for byte in phrases.iter().filter_map(|phrase| phrase.bytes().next()) {
            first[usize::from(byte)] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { phrases, first }
    }

    /// Whether a cell begins with one of the phrases, at the end of a word.
    fn begin(&self, cell: &str) -> bool {
        let cell = cell.trim_start_matches(['(', '[', '"', '\'']);
        let Some(first) = cell.bytes().next() else {
            return false;
        };
        self.first[usize::from(first)]
            && cell.len() <= LONGEST_STATE
            && self.phrases.iter().any(|phrase| {
                let start = cell.get(..phrase.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(phrase))
                    && !cell[phrase.len()..].starts_with(char::is_alphanumeric)
            })
    }
}

/// A column that is checked.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) column: usize,
    pub(crate) name: String,
    /// For each check, whether its header asks about it.
    asks: Vec<bool>,
}

impl Speaker {
    pub(crate) fn new(schema: &Inner, column: usize, name: &str, header: &str) -> Self {
        let words = &schema.header_words;
        let header = Header::new(header, words);
        let asks = |heard: &Heard| match heard {
            Heard::Denial {
                asked,
                phrases,
                denials,
            } => {
                let asked = phrases.get_or_init(|| Phrases::new(asked, words));
                let is_one = header.holds(|tokens| asked.contain(&squeezed(tokens)));
                // `Belum Lunas`: denying this means the opposite.
                let denied = header.tokens().iter().any(|token| match token {
                    Token::Word(word) => denials.contain(word),
                    _ => false,
                });
                is_one && !denied
            }
            _ => true,
        };
        Self {
            column,
            name: name.to_owned(),
            asks: schema.beside.iter().map(|(_, heard)| asks(heard)).collect(),
        }
    }

    /// What a cell shows about its row, if anything: the field on which it is reported, and the problem.
    pub(crate) fn says(&self, schema: &Inner, cell: &str) -> Option<(usize, Problem, Severity)> {
        let cell = cell.trim();
        if cell.is_empty() {
            return None;
        }
        let mut heard = schema.beside.iter().zip(&self.asks);
        let ((field, heard), _) = heard.find(|((_, heard), asks)| {
            **asks
                && match heard {
                    Heard::Words(words) => words.contain(cell),
                    Heard::Beginnings(beginnings) => beginnings.begin(cell),
                    Heard::Denial { denials, .. } => denials.contain(cell),
                }
        })?;
        let problem = |code| {
            Problem::new(code)
                .with("column", &self.name)
                .with("found", cell)
        };
        Some(match heard {
            Heard::Words(_) => {
                let problem = problem(IssueCode::CONTRADICTED);
                let problem = problem.kind(IssueKind::ConstraintViolation);
                (*field, problem, Severity::Error)
            }
            _ => (*field, problem(IssueCode::DOUBTED), Severity::Warning),
        })
    }
}
