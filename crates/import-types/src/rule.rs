//! The engine's rules, built from domain's value types: one definition of every field, for imports as for requests.

use domain::{
    Capacity, Choice, DurationDays, EmailAddress, Nik, PackageName, PersonName, PhoneNumber,
    ReferenceNumber, Rupiah, ValueError, value::WORDINGS,
};
use import_engine::{
    IssueCode, Language,
    fields::SchemaBuilder,
    rules::{Cell, Problem, Row},
};

use crate::record::At;

/// A value that means a number other than its digits suggest is accepted with a warning.
const READ_AS: IssueCode = IssueCode::new("read_as");

/// A domain error as the engine's finding: the same code, the same parameters, the same words.
pub(crate) fn problem(error: ValueError) -> Problem {
    error.params().into_iter().fold(
        Problem::new(IssueCode::new(error.code())),
        |problem, (name, value)| problem.with(name, value),
    )
}

/// Gives a schema domain's texts for every shared code, and texts for the warnings of this crate.
pub(crate) fn worded(schema: SchemaBuilder) -> SchemaBuilder {
    let codes = WORDINGS.iter().map(|wording| IssueCode::new(wording.code));
    let schema = schema.codes(codes.chain([READ_AS]));
    let schema = WORDINGS.iter().fold(schema, |schema, wording| {
        let code = IssueCode::new(wording.code);
        schema
            .message(code, Language::INDONESIAN, wording.indonesian)
            .message(code, Language::ENGLISH, wording.english)
    });
    schema
        .message(
            READ_AS,
            Language::INDONESIAN,
            "{label} dibaca sebagai {read}: {value}",
        )
        .message(
            READ_AS,
            Language::ENGLISH,
            "{label} was read as {read}: {value}",
        )
}

/// Sixteen digits, without what spreadsheets put around them.
pub(crate) fn nik(cell: &mut Cell<'_>) -> Result<(), Problem> {
    let nik = Nik::parse(cell.text()).map_err(problem)?;
    // As many bytes as digits: there is nothing else.
    if cell.text().len() != Nik::DIGITS {
        if Nik::is_written_as_number(cell.text()) {
            cell.warn(IssueCode::STORED_AS_NUMBER);
        }
        cell.set(nik.as_str());
    }
    Ok(())
}

/// A number in E.164. If a spreadsheet dropped the leading zero, there is a warning.
pub(crate) fn phone(cell: &mut Cell<'_>) -> Result<(), Problem> {
    let raw = cell.text();
    let lost_zero = raw.starts_with('8');
    if let Some(national) = PhoneNumber::national_digits(raw) {
        let front = raw.len() - national.len();
        cell.replace_front(front, "+62");
    } else {
        let phone = PhoneNumber::parse(raw).map_err(problem)?;
        replace(cell, phone.as_str());
    }
    if lost_zero {
        cell.warn(IssueCode::EXCEL_LOST_ZERO);
    }
    Ok(())
}

/// Whether a word that otherwise means "nothing" may be a person's name.
pub(crate) fn is_a_name(word: &str) -> bool {
    matches!(word, "na" | "nan" | "nat" | "nil")
}

/// Whole rupiah as digits. Words such as `jt` are reported with the amount that was read.
pub(crate) fn rupiah(cell: &mut Cell<'_>) -> Result<(), Problem> {
    amount(cell, Rupiah::parse)
}

/// Like [`rupiah`], but more than zero.
pub(crate) fn paid_rupiah(cell: &mut Cell<'_>) -> Result<(), Problem> {
    amount(cell, |raw| Rupiah::parse(raw).and_then(Rupiah::paid))
}

fn amount(
    cell: &mut Cell<'_>,
    parse: impl FnOnce(&str) -> Result<Rupiah, ValueError>,
) -> Result<(), Problem> {
    let amount = parse(cell.text()).map_err(problem)?;
    if cell.text().bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    if cell
        .text()
        .ends_with(|last: char| last.is_ascii_alphabetic())
    {
        cell.warn(Problem::new(READ_AS).with("read", amount));
    }
    cell.set(&amount.to_string());
    Ok(())
}

/// Days as a bare number.
pub(crate) fn days(cell: &mut Cell<'_>) -> Result<(), Problem> {
    let days = DurationDays::parse(cell.text()).map_err(problem)?;
    replace(cell, &days.to_string());
    Ok(())
}

/// Seats as a bare number.
pub(crate) fn seats(cell: &mut Cell<'_>) -> Result<(), Problem> {
    let seats = Capacity::parse(cell.text()).map_err(problem)?;
    replace(cell, &seats.to_string());
    Ok(())
}

/// The words for rupiah in a column of currencies.
const RUPIAH: &[&str] = &["idr", "rp", "rp.", "rupiah", "idr (rupiah)", "rupiah (idr)"];

/// The words for others: a column that holds only these and [`RUPIAH`] is one, whatever its header is.
const FOREIGN: &[&str] = &[
    "usd",
    "us$",
    "$",
    "dollar",
    "dolar",
    "us dollar",
    "dolar as",
    "sar",
    "sr",
    "riyal",
    "real",
    "riyal saudi",
    "myr",
    "rm",
    "ringgit",
    "sgd",
    "s$",
    "eur",
    "euro",
    "€",
    "gbp",
    "aud",
    "jpy",
    "aed",
    "dirham",
    "cny",
    "try",
    "lira",
    "egp",
];

/// The words by which a column of currencies is recognised.
pub(crate) fn currencies() -> impl Iterator<Item = &'static str> {
    RUPIAH.iter().chain(FOREIGN).copied()
}

/// An amount whose currency is in another column must be in rupiah.
pub(crate) fn in_rupiah_of(row: &mut Row<'_>, amount: &str, currency: At) {
    let Some(named) = row.at(currency.0).as_text() else {
        return;
    };
    let is_rupiah = RUPIAH.iter().any(|word| word.eq_ignore_ascii_case(named));
    if !is_rupiah {
        row.refuse(amount, problem(ValueError::ForeignCurrency));
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $text:ty;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(cell: &mut Cell<'_>) -> Result<(), Problem> {
            let normal = match <$text>::normalise(cell.text()).map_err(problem)? {
                std::borrow::Cow::Borrowed(_) => return Ok(()),
                std::borrow::Cow::Owned(normal) => normal,
            };
            cell.set(&normal);
            Ok(())
        }
    )*};
}

texts! {
    /// An address in lower case.
    email: EmailAddress;
    /// A person's name.
    person_name: PersonName;
    /// A package's name.
    package_name: PackageName;
    /// A receipt's number.
    reference_number: ReferenceNumber;
}

/// One of the words of a closed set of domain, in any spelling.
pub(crate) fn word<C: Choice>(cell: &mut Cell<'_>) -> Result<(), Problem> {
    if C::from_word(cell.text()).is_none() {
        let choice = C::parse(cell.text()).map_err(problem)?;
        cell.set(choice.word());
    }
    Ok(())
}

/// The rules run for every cell, so a text that is already right is not copied.
fn replace(cell: &mut Cell<'_>, text: &str) {
    if cell.text() != text {
        cell.set(text);
    }
}
