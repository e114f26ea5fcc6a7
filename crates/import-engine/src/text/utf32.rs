//! UTF-32, which the WHATWG standard leaves out and exports of statistical programs still contain.

/// A UTF-32 decoder between two chunks.
pub(super) struct Utf32 {
    big_endian: bool,
    pending: Vec<u8>,
    started: bool,
}

impl Utf32 {
    pub(super) fn new(big_endian: bool) -> Self {
        Self {
            big_endian,
            pending: Vec::with_capacity(4),
            started: false,
        }
    }

    /// `read` is the file offset of `bytes[0]`; `bad` gets the file offset of an invalid unit and the text length before it.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        read: u64,
        text: &mut String,
        bad: &mut impl FnMut(u64, usize),
    ) {
        text.reserve(bytes.len() / 4 + 4);
        for (i, &byte) in bytes.iter().enumerate() {
            self.pending.push(byte);
            if let [a, b, c, d] = self.pending[..] {
                self.pending.clear();
                let unit = [a, b, c, d];
                let code = if self.big_endian {
                    u32::from_be_bytes(unit)
                } else {
                    u32::from_le_bytes(unit)
                };
                match char::from_u32(code) {
                    Some('\u{FEFF}') if !self.started => {}
                    Some(c) => text.push(c),
                    None => {
                        bad((read + i as u64 + 1).saturating_sub(4), text.len());
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                }
                self.started = true;
            }
        }
    }

    /// `read` is the length of the file.
    pub(super) fn finish(
        &mut self,
        read: u64,
        text: &mut String,
        bad: &mut impl FnMut(u64, usize),
    ) {
        if !self.pending.is_empty() {
            bad(read.saturating_sub(self.pending.len() as u64), text.len());
            text.push(char::REPLACEMENT_CHARACTER);
            self.pending.clear();
        }
    }
}
