//! How a batch keeps its cells: sixteen bytes each, text in one string. Knows no rows.

use crate::{
    schema::kind::Kind,
    value::{Decimal, Value, key::Key},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct RowMark {
    pub(crate) row: u64,
    pub(crate) line: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ValidRow {
    pub(crate) mark: RowMark,
    /// Where its slots begin among the batch's. Those of invalid rows stand between them: closing a gap moves all that follow.
    pub(crate) slots: usize,
}

/// What the slots of a batch point into.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    pub(crate) text: String,
    pub(crate) uuids: Vec<uuid::Uuid>,
}

impl Arena {
    pub(crate) fn put_uuid(&mut self, uuid: uuid::Uuid) -> Slot {
        self.uuids.push(uuid);
        Slot::Uuid(u32::try_from(self.uuids.len() - 1).unwrap_or(u32::MAX))
    }

    /// What a reference points at.
    pub(crate) fn put_key(&mut self, key: &Key) -> Slot {
        match key {
            Key::Integer(number) => Slot::Integer(*number),
            Key::Uuid(uuid) => self.put_uuid(*uuid),
            Key::Text(text) => self.put_text(text),
        }
    }

    /// A value that cells of this kind may have; `None` for any other.
    pub(crate) fn put(&mut self, kind: &Kind, value: Value<'_>) -> Option<Slot> {
        Some(match (kind, value) {
            (_, Value::Absent) => Slot::Absent,
            (Kind::Text(_) | Kind::Email | Kind::Reference(_), Value::Text(text)) => {
                self.put_text(text)
            }
            (Kind::Integer(_) | Kind::Money(_), Value::Integer(number)) => Slot::Integer(number),
            (Kind::Decimal(_), Value::Decimal(Decimal { mantissa, scale })) if scale <= 18 => {
                Slot::Decimal { mantissa, scale }
            }
            (Kind::Date(_), Value::Date(date)) => Slot::Date(date),
            (Kind::DateTime(_), Value::DateTime(moment)) => Slot::Moment(moment.unix_timestamp()),
            (Kind::Bool, Value::Bool(yes)) => Slot::Bool(yes),
            (Kind::Uuid, Value::Uuid(uuid)) => self.put_uuid(uuid),
            (Kind::Choice(choices), Value::Choice(word) | Value::Text(word)) => {
                let place = choices.words.iter().position(|known| **known == *word)?;
                Slot::Choice(u16::try_from(place).ok()?)
            }
            _ => return None,
        })
    }

    pub(crate) fn put_text(&mut self, text: &str) -> Slot {
        let start = self.text.len();
        self.text.push_str(text);
        Slot::Text {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(text.len()).unwrap_or(u32::MAX),
        }
    }
}

/// A value that is put into many batches, with an arena of its own.
#[derive(Debug)]
pub(crate) struct Preset {
    pub(crate) arena: Arena,
    pub(crate) slot: Slot,
}

/// A cell of a batch: its text is in the batch's one string.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Absent,
    Text {
        start: u32,
        len: u32,
    },
    Integer(i64),
    Decimal {
        mantissa: i64,
        scale: u8,
    },
    Date(time::Date),
    /// Seconds since 1970 in UTC.
    Moment(i64),
    Bool(bool),
    /// The place of the UUID among the batch's: in the slot it would make all of them larger by half.
    Uuid(u32),
    Choice(u16),
}

impl Slot {
    #[inline]
    pub(crate) fn value<'a>(self, arena: &'a Arena, kind: &'a Kind) -> Value<'a> {
        match self {
            Self::Text { start, len } => Value::Text(
                arena
                    .text
                    .get(start as usize..start as usize + len as usize)
                    .unwrap_or_default(),
            ),
            other => other.value_beside_text(arena, kind),
        }
    }

    fn value_beside_text<'a>(self, arena: &'a Arena, kind: &'a Kind) -> Value<'a> {
        match self {
            Self::Absent | Self::Text { .. } => Value::Absent,
            Self::Integer(number) => Value::Integer(number),
            Self::Decimal { mantissa, scale } => Value::Decimal(Decimal { mantissa, scale }),
            Self::Date(date) => Value::Date(date),
            Self::Moment(seconds) => time::OffsetDateTime::from_unix_timestamp(seconds)
                .map_or(Value::Absent, Value::DateTime),
            Self::Bool(yes) => Value::Bool(yes),
            Self::Uuid(place) => arena
                .uuids
                .get(place as usize)
                .map_or(Value::Absent, |uuid| Value::Uuid(*uuid)),
            Self::Choice(index) => match kind {
                Kind::Choice(choices) => choices
                    .words
                    .get(usize::from(index))
                    .map_or(Value::Absent, |word| Value::Choice(word)),
                _ => Value::Absent,
            },
        }
    }
}

/// Slots are the bulk of a batch: ten million of them are written for a million rows.
const _: () = assert!(size_of::<Slot>() == 16);
