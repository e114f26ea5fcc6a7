//! The texts that cells share, one after the other in one piece of memory.

use super::error::WorkbookError;

/// Bytes of all texts: a workbook of ten megabytes with nothing but different texts has some forty.
const MOST_BYTES: usize = 96 << 20;

/// Texts by their number.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn push(&mut self, text: &str) -> Result<(), WorkbookError> {
        // An end for each, so that millions of empty texts count as well.
        if self.text.len() + text.len() + self.ends.len() * 4 > MOST_BYTES {
            return Err(WorkbookError::TooLarge {
                limit: MOST_BYTES as u64,
            });
        }
        self.text.push_str(text);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_number() -> Result<(), WorkbookError> {
        let mut strings = Strings::default();
        for text in ["Siti", "", "é"] {
            strings.push(text)?;
        }
        assert_eq!(
            [0, 1, 2, 3].map(|at| strings.get(at)),
            [Some("Siti"), Some(""), Some("é"), None]
        );
        Ok(())
    }

    #[test]
    fn more_text_than_a_workbook_can_hold_is_refused() {
        let mut strings = Strings::default();
        let large = "x".repeat(1 << 20);
        let outcome = (0..100).try_for_each(|_| strings.push(&large));
        assert!(matches!(outcome, Err(WorkbookError::TooLarge { .. })));
    }
}
