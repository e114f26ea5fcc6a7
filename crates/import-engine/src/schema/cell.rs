//! Checks one cell against its field: it is cleaned, checked for being empty, run through the rules, read by its kind, and
//! stored. When a schema is built, checks likewise whether any cell could meet the limits of a field, and its default.

use std::sync::Arc;

use time::Date;

use super::{
    field::Field,
    kind::{Arena, Cell, Kind, Preset, Slot},
};
use crate::{
    issue::{IssueCode, IssueKind, Problem},
    value::{
        Decimal, Value, date,
        locale::{self, DateBound, DateOptions, NumberOptions},
        number::{self, Style, Wanted},
        text,
    },
};

/// What the survey decided about a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) struct Decision {
    pub(crate) style: Style,
    pub(crate) dates: date::Reading,
    /// The power of ten that the header states for the column; it comes from the mapping.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) power: u8,
}

/// Buffers that are reused for every cell.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    clean: String,
    undone: String,
    narrowed: String,
    scaled: String,
    rule: String,
    digits: String,
    pub(crate) warnings: Vec<Problem>,
}

/// What the cells of a column are judged by besides the rules of their field: computed once per column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) decision: Decision,
    pub(crate) today: Option<Date>,
    bounds: date::Bounds,
}

impl Context {
    pub(crate) fn new(field: &Field, decision: Decision, today: Option<Date>) -> Self {
        let bounds = match &field.kind {
            Kind::Date(options) | Kind::DateTime(options) => date::Bounds::new(options, today),
            _ => date::Bounds::default(),
        };
        Self {
            decision,
            today,
            bounds,
        }
    }
}

/// A cell and the position of its text in the batch's string.
#[derive(Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) text: &'a str,
    pub(crate) offset: usize,
    /// Whether only spaces at its ends need cleaning.
    pub(crate) plain: bool,
    /// Whether the record contains a `&`, and so perhaps HTML entities.
    pub(crate) entities: bool,
}

impl Received<'_> {
    /// Stores the position of a text in the batch's string: a part of the cell, or added at the end.
    #[inline]
    fn place(self, text: &str, arena: &mut Arena, slot: &mut Slot) {
        let inside = (text.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let start = if inside <= self.text.len() && inside + text.len() <= self.text.len() {
            self.offset + inside
        } else {
            arena.text.push_str(text);
            arena.text.len() - text.len()
        };
        // A batch's string is bounded far below 4 GiB.
        *slot = Slot::Text {
            start: narrow(start),
            len: narrow(text.len()),
        };
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Checks one cell and puts its value into `slot`, which is absent. Warnings are left in `scratch`.
///
/// The slot is written in place: returned by value, it would be stored in parts and loaded as a whole, which is slow.
pub(crate) fn check(
    field: &Field,
    context: &Context,
    received: Received<'_>,
    arena: &mut Arena,
    scratch: &mut Scratch,
    slot: &mut Slot,
) -> Result<(), Problem> {
    let Scratch {
        clean,
        undone,
        narrowed,
        scaled,
        rule,
        digits,
        warnings,
    } = scratch;
    let cleaned = if received.plain {
        text::clean_plain(received.text)
    } else {
        let multiline = matches!(&field.kind, Kind::Text(options) if options.multiline);
        text::clean(received.text, multiline, clean)
    };
    if is_nothing(field, cleaned) {
        return nothing(field);
    }
    let is_usual = !received.entities
        && !matches!(cleaned.as_bytes(), [b'#', ..] | [.., b'.'])
        && received.plain;
    let (mut text, is_undone) = if is_usual {
        (cleaned, false)
    } else {
        match look_closer(
            field,
            received.entities,
            cleaned,
            (undone, narrowed),
            warnings,
        )? {
            Some(looked) => looked,
            None => return nothing(field),
        }
    };
    if context.decision.power > 0 {
        text = in_units(field, context.decision, text, scaled)?;
    }
    if !field.rules.is_empty() {
        let mut cell = Cell {
            raw: &received.text,
            text,
            scratch: rule,
            edited: false,
            warnings,
        };
        for rule in &field.rules {
            rule.apply(&mut cell)?;
        }
        let edited = cell.edited;
        if edited {
            text = rule;
        }
        if text.is_empty() {
            return nothing(field);
        }
    }
    // Entities are ASCII, but what they stand for need not be.
    if (!received.plain || is_undone) && matches!(field.kind, Kind::Text(_)) && !text.is_ascii() {
        warn_of_damage(text, warnings);
    }
    read(
        field, context, text, received, arena, digits, warnings, slot,
    )?;
    if !field.checks.is_empty() {
        let value = slot.value(arena, &field.kind);
        for check in &field.checks {
            check(value)?;
        }
    }
    Ok(())
}

/// What only few cells need before their rules: decoding entities, and judging signs of damage by a spreadsheet. Returns
/// the text, and whether entities were decoded; `None` if the cell means "nothing".
#[inline(never)]
fn look_closer<'t>(
    field: &Field,
    entities: bool,
    cleaned: &'t str,
    (undone, narrowed): (&'t mut String, &'t mut String),
    warnings: &mut Vec<Problem>,
) -> Result<Option<(&'t str, bool)>, Problem> {
    let (mut text, mut is_undone) = (cleaned, false);
    if entities && let Some(read) = text::undone(cleaned) {
        warnings.push(Problem::new(IssueCode::HTML_ENTITIES).with("read", &read));
        *undone = read;
        (text, is_undone) = (undone, true);
    }
    if text.as_bytes().first() == Some(&b'#') {
        hash(field, text)?;
        if text::is_error(text) {
            return Ok(None);
        }
    }
    if text.as_bytes().last() == Some(&b'.') {
        text = in_precision(field, text, warnings)?;
    }
    if !text.is_ascii()
        && is_of_signs(field)
        && let Some(narrow) = text::narrowed(text)
    {
        *narrowed = narrow;
        text = narrowed;
    }
    Ok(Some((text, is_undone)))
}

/// Whether full-width characters and other digits mean the same to a field as those of ASCII: not in a text, where they
/// are letters.
fn is_of_signs(field: &Field) -> bool {
    match &field.kind {
        Kind::Text(options) => options.digits.is_some(),
        Kind::Reference(_) | Kind::Email => false,
        _ => true,
    }
}

/// Reads a number of a column with a power of ten, in the units of its field.
#[inline(never)]
fn in_units<'t>(
    field: &Field,
    decision: Decision,
    text: &'t str,
    scaled: &'t mut String,
) -> Result<&'t str, Problem> {
    let (Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options)) = &field.kind
    else {
        return Ok(text);
    };
    let number = number::in_power(text, decision.power, options, decision.style)?;
    *scaled = number.to_string();
    Ok(scaled)
}

#[cold]
fn warn_of_damage(text: &str, warnings: &mut Vec<Problem>) {
    let damages = [
        (IssueCode::MOJIBAKE, text::is_mojibake(text)),
        (
            IssueCode::LOST_CHARACTER,
            text.contains(char::REPLACEMENT_CHARACTER),
        ),
    ];
    let found = damages.iter().filter(|(_, is_found)| *is_found);
    warnings.extend(found.map(|(code, _)| Problem::new(*code)));
}

/// The result of trying a cell in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    Nothing,
    /// Its value in its normal form.
    Value(String),
    /// A value that is unlikely for the field.
    Unlikely(String),
    Refused(Problem),
}

/// Tries a cell of an unknown column as the cell of a field, outside of any batch.
pub(crate) fn try_cell(field: &Field, decision: Decision, today: Option<Date>, raw: &str) -> Trial {
    let (result, Preset { arena, slot }, warnings) = alone(field, decision, today, raw);
    let mut warnings = warnings.iter();
    let is_unlikely = warnings.any(|warning| warning.code == IssueCode::IMPLAUSIBLE);
    match result {
        Err(problem) if problem.code == IssueCode::REQUIRED => Trial::Nothing,
        Err(problem) => Trial::Refused(problem),
        Ok(()) => match slot.value(&arena, &field.kind) {
            Value::Absent => Trial::Nothing,
            value if is_unlikely => Trial::Unlikely(value.to_string()),
            value => Trial::Value(value.to_string()),
        },
    }
}

/// Checks a cell outside of any batch: returns the result, its value, and the warnings.
fn alone(
    field: &Field,
    decision: Decision,
    today: Option<Date>,
    raw: &str,
) -> (Result<(), Problem>, Preset, Vec<Problem>) {
    let context = Context::new(field, decision, today);
    let mut arena = Arena::default();
    let received = Received {
        text: arena_text(raw, &mut arena),
        offset: 0,
        plain: false,
        entities: raw.contains('&'),
    };
    let mut slot = Slot::Absent;
    let mut scratch = Scratch::default();
    let result = check(
        field,
        &context,
        received,
        &mut arena,
        &mut scratch,
        &mut slot,
    );
    (result, Preset { arena, slot }, scratch.warnings)
}

/// Starts a batch's string with the only cell that is tried.
fn arena_text<'r>(raw: &'r str, arena: &mut Arena) -> &'r str {
    arena.text.push_str(raw);
    raw
}

/// Whether a cell means "nothing": an empty one, and one of the field's empty words, unless a choice allows it.
#[inline]
fn is_nothing(field: &Field, text: &str) -> bool {
    let Some(words) = &field.empty_words else {
        return text.is_empty();
    };
    words.contain(text)
        && !matches!(&field.kind, Kind::Choice(choices) if choices.find(text).is_some())
}

fn nothing(field: &Field) -> Result<(), Problem> {
    if field.required {
        Err(Problem::new(IssueCode::REQUIRED).kind(IssueKind::MissingRequired))
    } else {
        Ok(())
    }
}

/// `####` and `#REF!` are damage, except that `#N/A` in an optional field means "nothing".
fn hash(field: &Field, text: &str) -> Result<(), Problem> {
    if text::is_hashes(text) {
        return Err(Problem::new(IssueCode::EXCEL_HASHES));
    }
    if text::is_error(text) && (field.required || !text.eq_ignore_ascii_case("#n/a")) {
        return Err(Problem::new(IssueCode::EXCEL_ERROR));
    }
    Ok(())
}

/// A number with more digits than a spreadsheet keeps is damage if its digits are an identifier, and gets a warning in a
/// note. As a quantity it is accepted.
fn in_precision<'t>(
    field: &Field,
    text: &'t str,
    warnings: &mut Vec<Problem>,
) -> Result<&'t str, Problem> {
    let quantity = matches!(
        field.kind,
        Kind::Integer(_) | Kind::Money(_) | Kind::Decimal(_)
    );
    if quantity || !text::is_beyond_precision(text) {
        return Ok(text);
    }
    let note = matches!(&field.kind, Kind::Text(options) if options.digits.is_none())
        && field.rules.is_empty()
        && field.pattern.is_none();
    let digits = text.trim_end_matches('.');
    if text::is_kept_by_a_double(digits) {
        if !note {
            warnings.push(Problem::new(IssueCode::STORED_AS_NUMBER));
        }
        return Ok(digits);
    }
    if !note {
        return Err(Problem::new(IssueCode::EXCEL_ROUNDED));
    }
    warnings.push(Problem::new(IssueCode::EXCEL_ROUNDED));
    Ok(digits)
}

/// Reads a text that is not empty by the field's kind, with the warnings about its value.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a scratch that is in use, one by one"
)]
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "has one caller, and runs for every cell"
)]
fn read(
    field: &Field,
    context: &Context,
    text: &str,
    received: Received<'_>,
    arena: &mut Arena,
    scratch: &mut String,
    warnings: &mut Vec<Problem>,
    slot: &mut Slot,
) -> Result<(), Problem> {
    let date_rules = |options| date::Rules {
        options,
        reading: context.decision.dates,
        today: context.today,
        bounds: context.bounds,
    };
    match &field.kind {
        Kind::Text(options) => {
            let text = match options.digits {
                Some(range) => {
                    let digits = text::digits(text, range, scratch)?;
                    if digits.len() < text.len() && text::without_zero_decimals(text).is_some() {
                        was_number(digits, warnings)?;
                    }
                    digits
                }
                None => text,
            };
            in_length(field, text)?;
            received.place(text, arena, slot);
        }
        Kind::Reference(_) => {
            in_length(field, text)?;
            received.place(text, arena, slot);
        }
        Kind::Email => {
            if !text::is_email(text) {
                return Err(Problem::new(IssueCode::EMAIL));
            }
            in_length(field, text)?;
            received.place(text, arena, slot);
        }
        Kind::Integer(options) => {
            let number = number::parse(text, Wanted::Integer, options, context.decision.style)?;
            *slot = Slot::Integer(number.trunc());
            warn_if_unlikely(field, number, options, arena, warnings, *slot);
        }
        Kind::Money(options) => {
            let amount = number::parse(text, Wanted::Money, options, context.decision.style)?;
            *slot = Slot::Integer(number::in_minor_units(amount, options.minor)?);
            warn_if_unlikely(field, amount, options, arena, warnings, *slot);
        }
        Kind::Decimal(options) => {
            let number = number::parse(text, Wanted::Decimal, options, context.decision.style)?;
            *slot = Slot::Decimal {
                mantissa: number.mantissa,
                scale: number.scale,
            };
            warn_if_unlikely(field, number, options, arena, warnings, *slot);
        }
        Kind::Date(options) => {
            let (date, timed) = date::parse(text, &date_rules(options))?;
            *slot = Slot::Date(date);
            if timed {
                warn_of_value(IssueCode::TIME_DROPPED, field, arena, warnings, *slot);
            }
        }
        Kind::DateTime(options) => {
            let moment = date::parse_moment(text, &date_rules(options))?;
            *slot = Slot::Moment(moment.unix_timestamp());
        }
        Kind::Uuid => {
            let uuid = uuid::Uuid::try_parse(text).map_err(|_| Problem::new(IssueCode::UUID))?;
            *slot = arena.put_uuid(uuid);
        }
        Kind::Bool => {
            let yes = locale::of(&field.locale)
                .truth(text)
                .ok_or_else(|| Problem::new(IssueCode::BOOL))?;
            *slot = Slot::Bool(yes);
        }
        Kind::Choice(choices) => {
            let found = choices.find(text);
            let index = found.ok_or_else(|| {
                Problem::new(IssueCode::CHOICE).with("allowed", choices.words.join(", "))
            })?;
            *slot = Slot::Choice(index);
        }
    }
    Ok(())
}

/// Digits with zero decimals were a quantity to some earlier program, which may have rounded them.
#[cold]
fn was_number(digits: &str, warnings: &mut Vec<Problem>) -> Result<(), Problem> {
    if digits.len() <= text::SPREADSHEET_DIGITS {
        return Ok(());
    }
    if !text::is_kept_by_a_double(digits) {
        return Err(Problem::new(IssueCode::EXCEL_ROUNDED));
    }
    warnings.push(Problem::new(IssueCode::STORED_AS_NUMBER));
    Ok(())
}

#[inline]
fn warn_if_unlikely(
    field: &Field,
    number: Decimal,
    options: &NumberOptions,
    arena: &Arena,
    warnings: &mut Vec<Problem>,
    slot: Slot,
) {
    let Some((least, most)) = options.likely else {
        return;
    };
    let whole = number.trunc();
    if whole < least || whole > most {
        warn_of_value(IssueCode::IMPLAUSIBLE, field, arena, warnings, slot);
    }
}

/// Warns of a value that was read, and quotes it.
#[cold]
fn warn_of_value(
    code: IssueCode,
    field: &Field,
    arena: &Arena,
    warnings: &mut Vec<Problem>,
    slot: Slot,
) {
    let read = slot.value(arena, &field.kind);
    warnings.push(Problem::new(code).with("read", read));
}

/// Checks the length in characters, and the pattern.
#[inline]
fn in_length(field: &Field, text: &str) -> Result<(), Problem> {
    // There are never fewer bytes than characters, so most texts need no count.
    let is_within = field.max_chars.is_none_or(|limit| text.len() <= limit);
    if is_within && field.min_chars.is_none() && field.pattern.is_none() {
        return Ok(());
    }
    in_counted_length(field, text)
}

#[inline(never)]
fn in_counted_length(field: &Field, text: &str) -> Result<(), Problem> {
    if let Some(limit) = field.max_chars.filter(|limit| text.len() > *limit) {
        let found = text::chars(text);
        if found > limit {
            return Err(Problem::new(IssueCode::TOO_LONG)
                .with("limit", limit)
                .with("found", found));
        }
    }
    if let Some(limit) = field.min_chars {
        let found = text::chars(text);
        if found < limit {
            return Err(Problem::new(IssueCode::TOO_SHORT)
                .with("limit", limit)
                .with("found", found));
        }
    }
    match &field.pattern {
        Some((_, pattern)) if !pattern.is_match(text) => Err(Problem::new(IssueCode::PATTERN)),
        _ => Ok(()),
    }
}

// Whether a field can be met at all, and the value of its empty cells: asked once, when the schema is built.

/// Refuses limits that no cell could meet.
pub(super) fn check_limits(field: &Field) -> Result<(), String> {
    let name = field.name();
    if let (Some(least), Some(most)) = (field.min_chars, field.max_chars)
        && least > most
    {
        return Err(format!("'{name}' must be longer than it may be"));
    }
    match &field.kind {
        Kind::Text(options) => match options.digits {
            Some((least, most)) if least > most => {
                Err(format!("'{name}' must have more digits than it may have"))
            }
            Some((_, 0)) => Err(format!("'{name}' may have no digits")),
            _ => Ok(()),
        },
        Kind::Integer(options) | Kind::Decimal(options) | Kind::Money(options) => {
            match (options.min, options.max) {
                (Some(min), Some(max)) if min > max => {
                    Err(format!("'{name}' must be greater than it may be"))
                }
                _ if options.likely.is_some_and(|(least, most)| least > most) => Err(format!(
                    "'{name}' is likely to be greater than it is likely to be"
                )),
                _ => Ok(()),
            }
        }
        Kind::Date(options) | Kind::DateTime(options) if ends_before_it_begins(options) => {
            Err(format!("'{name}' must be later than it may be"))
        }
        Kind::Choice(choices) if choices.words.is_empty() => {
            Err(format!("the choice '{name}' allows no words"))
        }
        Kind::Reference(target) if target.is_empty() => Err(format!("'{name}' refers to nothing")),
        _ => Ok(()),
    }
}

/// Whether no day lies between the bounds, whatever today's date is. A calendar date cannot be compared with one counted
/// from today.
fn ends_before_it_begins(options: &DateOptions) -> bool {
    let (Some(first), Some(last)) = (options.not_before, options.not_after) else {
        return false;
    };
    // Days counted from today; a year has its greatest length.
    let from_today = |bound: DateBound| match bound {
        DateBound::Day(_) => None,
        DateBound::Today => Some(0),
        DateBound::DaysAhead(days) => Some(i64::from(days)),
        DateBound::YearsAgo(years) => Some(-366 * i64::from(years)),
    };
    match (first, last) {
        (DateBound::Day(first), DateBound::Day(last)) => first > last,
        _ => from_today(first)
            .zip(from_today(last))
            .is_some_and(|(first, last)| first > last),
    }
}

/// Reads the value of the field's empty cells.
pub(super) fn set_preset(field: &mut Field) -> Result<(), String> {
    let Some(text) = &field.default else {
        return Ok(());
    };
    let name = field.name();
    if field.required {
        return Err(format!(
            "'{name}' is required and has a default: one of them does nothing"
        ));
    }
    if field.unique.is_some() {
        return Err(format!(
            "'{name}' is unique and has a default, which could be used once"
        ));
    }
    let preset = preset(field, text)
        .map_err(|why| format!("'{text}' cannot be the default of '{name}': {why}"))?;
    field.preset = Some(Arc::new(preset));
    Ok(())
}

/// The value of a text that replaces empty cells, or why it cannot.
fn preset(field: &Field, text: &str) -> Result<Preset, String> {
    let (result, preset, warnings) = alone(field, Decision::default(), None, text);
    if let Some(problem) = result.as_ref().err().or(warnings.first()) {
        return Err(format!("a cell that holds it gets '{}'", problem.code));
    }
    if matches!(preset.slot, Slot::Absent) {
        return Err("a cell that holds it is empty".to_owned());
    }
    Ok(preset)
}
