//! `.xls`: records of BIFF8 (Excel 97 to 2003) and BIFF5 in a compound file. Every length is checked against the
//! available data, and nothing is allocated because of what a header states.

use std::{
    io::{Read, Seek},
    sync::Arc,
};

use encoding_rs::{Encoding, WINDOWS_1252};

use super::{
    format::{Decimal, Epoch, Format},
    rows::{Collector, Meter, SheetInfo, Strings, WorkbookError},
};

/// Numbers of the records that are read.
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const RICH_STRING: u16 = 0x00D6;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const MERGE_CELLS: u16 = 0x00E5;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABEL_SST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

const SHORT: WorkbookError = WorkbookError::Damaged("a record is too short");
const NO_BIFF: WorkbookError = WorkbookError::Damaged("it is of a version before Excel 5");

/// The version of Excel 97 and later.
const BIFF8: u16 = 0x0600;
const BIFF5: u16 = 0x0500;
/// Formats and sheets that are kept: far more than any workbook has.
const MOST_ENTRIES: usize = 1 << 16;

/// An opened workbook: its stream, and what all sheets share.
#[derive(Debug)]
pub(super) struct Xls {
    stream: Vec<u8>,
    sheets: Vec<SheetInfo>,
    /// The start of each sheet in the stream.
    starts: Vec<usize>,
    strings: Strings,
    formats: Vec<Format>,
    epoch: Epoch,
    text: TextForm,
    meter: Arc<Meter>,
}

/// How texts are written.
#[derive(Clone, Copy, Debug)]
struct TextForm {
    is_biff8: bool,
    code_page: &'static Encoding,
}

/// A cell as the records store it.
#[derive(Debug)]
enum Cell {
    Number(f64, u16),
    Shared(u32, u16),
    Text(Box<str>),
    Bool(bool),
    Error(u8),
}

impl Xls {
    /// Opens a compound file: an old workbook, or the envelope of an encrypted one.
    pub(super) fn open<R: Read + Seek>(
        file: R,
        size: u64,
        meter: Arc<Meter>,
    ) -> Result<Self, WorkbookError> {
        let damaged = |_| WorkbookError::Damaged("its compound file cannot be read");
        let mut compound = cfb::CompoundFile::open(file).map_err(damaged)?;
        if compound.exists("/EncryptedPackage") {
            return Err(WorkbookError::Encrypted);
        }
        let name = ["/Workbook", "/Book"]
            .into_iter()
            .find(|name| compound.is_stream(name))
            .ok_or(WorkbookError::NotAWorkbook)?;
        let mut stream = Vec::new();
        compound
            .open_stream(name)
            .map_err(damaged)?
            // No stream is longer than its file.
            .take(size)
            .read_to_end(&mut stream)
            .map_err(damaged)?;
        let mut book = Self {
            stream,
            sheets: Vec::new(),
            starts: Vec::new(),
            strings: Strings::default(),
            formats: Vec::new(),
            epoch: Epoch::default(),
            text: TextForm {
                is_biff8: true,
                code_page: WINDOWS_1252,
            },
            meter,
        };
        book.read_globals()?;
        if book.sheets.is_empty() {
            return Err(WorkbookError::Damaged("it names no sheets"));
        }
        Ok(book)
    }

    pub(super) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// Reads the records before the first sheet.
    fn read_globals(&mut self) -> Result<(), WorkbookError> {
        let stream = std::mem::take(&mut self.stream);
        let mut codes: Vec<(u16, Format)> = Vec::new();
        let mut cell_formats: Vec<u16> = Vec::new();
        let mut records = Records::new(&stream, 0);
        let mut begun = false;
        while let Some((kind, data)) = records.next() {
            match kind {
                record::BOF if !begun => {
                    begun = true;
                    match data.u16(0)? {
                        BIFF8 => {}
                        BIFF5 => self.text.is_biff8 = false,
                        _ => return Err(NO_BIFF),
                    }
                }
                _ if !begun => return Err(NO_BIFF),
                record::FILE_PASS => return Err(WorkbookError::Encrypted),
                record::CODE_PAGE => self.text.code_page = code_page(data.u16(0)?),
                record::DATE_MODE if data.u16(0)? == 1 => self.epoch = Epoch::Of1904,
                record::FORMAT if codes.len() < MOST_ENTRIES => {
                    let code = if self.text.is_biff8 {
                        TextForm::wide(data.from(2)?)?
                    } else {
                        self.text.narrow_short(data.from(2)?)?
                    };
                    codes.push((data.u16(0)?, Format::parse(&code)));
                }
                record::XF if cell_formats.len() < MOST_ENTRIES => {
                    cell_formats.push(data.u16(2)?);
                }
                record::BOUND_SHEET if self.sheets.len() < MOST_ENTRIES => self.list_sheet(data)?,
                record::SST => self.read_strings(data, &mut records)?,
                record::EOF => break,
                _ => {}
            }
        }
        codes.sort_by_key(|(id, _)| *id);
        self.formats = cell_formats
            .into_iter()
            .map(|id| match codes.binary_search_by_key(&id, |(id, _)| *id) {
                Ok(at) => codes[at].1.clone(),
                Err(_) => Format::builtin(id),
            })
            .collect();
        self.stream = stream;
        Ok(())
    }

    fn list_sheet(&mut self, data: Data<'_>) -> Result<(), WorkbookError> {
        let (state, kind) = (data.u8(4)? & 3, data.u8(5)?);
        let name = if self.text.is_biff8 {
            let characters = usize::from(data.u8(6)?);
            let wide = data.u8(7)? & 1 == 1;
            characters_of(data.from(8)?, characters, wide)?
        } else {
            self.text.narrow_short(data.from(6)?)?
        };
        // Charts, macros and modules have no cells.
        if kind == 0 {
            self.starts.push(data.u32(0)? as usize);
            self.sheets.push(SheetInfo::new(name, state != 0));
        }
        Ok(())
    }

    /// Reads the shared texts, whose characters may continue in the following records.
    fn read_strings(
        &mut self,
        data: Data<'_>,
        records: &mut Records<'_>,
    ) -> Result<(), WorkbookError> {
        let mut pieces = vec![data.from(8)?.0];
        while let Some(piece) = records.next_if(record::CONTINUE) {
            pieces.push(piece.0);
        }
        let mut texts = Pieces::new(&pieces);
        let mut text = String::new();
        while !texts.is_done() {
            text.clear();
            if !texts.read(&mut text)? {
                break;
            }
            self.strings.push(&text)?;
        }
        Ok(())
    }

    pub(super) fn walk(&mut self, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        for (index, start) in self.starts.iter().enumerate() {
            rows.begin_sheet(index);
            self.sheet(*start, rows)?;
        }
        Ok(())
    }

    /// Reads a whole sheet, because its cells may be in any order.
    fn sheet(&self, start: usize, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        let mut cells: Vec<(u16, u16, Cell)> = Vec::new();
        let mut hidden: Vec<u16> = Vec::new();
        let mut merged: Vec<((u32, u32), u32)> = Vec::new();
        let mut formula = None;
        let mut depth = 0_u32;
        let mut records = Records::new(&self.stream, start);
        while let Some((kind, data)) = records.next() {
            rows.tick()?;
            // Sheets may share their position in the stream, so that a small file can have much content.
            self.meter.spend(4 + data.0.len() as u64)?;
            match kind {
                // A chart within the sheet has its own records.
                record::BOF => depth += 1,
                record::EOF => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                _ if depth > 1 => {}
                record::ROW if data.u16(12)? & 0x20 != 0 => hidden.push(data.u16(0)?),
                record::MERGE_CELLS => {
                    for range in data.from(2)?.0.chunks_exact(8) {
                        let range = Data(range);
                        let first = (range.u16(0)?.into(), range.u16(4)?.into());
                        merged.push((first, range.u16(2)?.into()));
                    }
                }
                record::MUL_RK => {
                    let (row, first) = (data.u16(0)?, data.u16(2)?);
                    // The last two bytes are the last column.
                    let numbers = data.0.get(4..data.0.len().saturating_sub(2));
                    for (number, column) in numbers.ok_or(SHORT)?.chunks_exact(6).zip(first..) {
                        let number = Data(number);
                        let cell = Cell::Number(rk(number.u32(2)?), number.u16(0)?);
                        cells.push((row, column, cell));
                    }
                }
                record::STRING => {
                    if let Some((row, column)) = formula.take() {
                        let text = self.long_text(data, &mut records)?;
                        cells.push((row, column, Cell::Text(text.into())));
                    }
                }
                _ => {
                    if let Some(cell) = self.cell(kind, data)? {
                        cells.push((data.u16(0)?, data.u16(2)?, cell));
                    } else if kind == record::FORMULA {
                        // Its text is in the next record.
                        formula = Some((data.u16(0)?, data.u16(2)?));
                    }
                }
            }
        }
        // Of two cells in one position, the later one was written last.
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        hidden.sort_unstable();
        for row in cells.chunk_by(|one, other| one.0 == other.0) {
            let number = row[0].0;
            rows.begin_row(number.into(), hidden.binary_search(&number).is_ok())?;
            for (_, column, cell) in row {
                rows.cell((*column).into(), &self.shown(cell)?)?;
            }
            rows.end_row(1)?;
        }
        for (first, last_row) in merged {
            rows.merge(first, last_row);
        }
        Ok(())
    }

    /// The cell of a record; `None` if the record has none, or a formula whose text follows.
    fn cell(&self, kind: u16, data: Data<'_>) -> Result<Option<Cell>, WorkbookError> {
        Ok(Some(match kind {
            record::NUMBER => Cell::Number(data.f64(6)?, data.u16(4)?),
            record::RK => Cell::Number(rk(data.u32(6)?), data.u16(4)?),
            record::LABEL_SST => Cell::Shared(data.u32(6)?, data.u16(4)?),
            record::LABEL | record::RICH_STRING => {
                let text = data.from(6)?;
                let text = if self.text.is_biff8 {
                    TextForm::wide(text)?
                } else {
                    self.text.narrow(text)?
                };
                Cell::Text(text.into())
            }
            record::BOOL_ERR if data.u8(7)? == 0 => Cell::Bool(data.u8(6)? != 0),
            record::BOOL_ERR => Cell::Error(data.u8(6)?),
            record::FORMULA if data.u16(12)? != 0xFFFF => Cell::Number(data.f64(6)?, data.u16(4)?),
            record::FORMULA => match data.u8(6)? {
                1 => Cell::Bool(data.u8(8)? != 0),
                2 => Cell::Error(data.u8(8)?),
                3 => Cell::Text("".into()),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    /// The text of a formula, with the records in which it continues.
    fn long_text(
        &self,
        data: Data<'_>,
        records: &mut Records<'_>,
    ) -> Result<String, WorkbookError> {
        if !self.text.is_biff8 {
            return self.text.narrow(data);
        }
        let mut pieces = vec![data.0];
        while let Some(piece) = records.next_if(record::CONTINUE) {
            pieces.push(piece.0);
        }
        let mut text = String::new();
        Pieces::new(&pieces).read(&mut text)?;
        Ok(text)
    }

    fn shown(&self, cell: &Cell) -> Result<String, WorkbookError> {
        let format = |style: &u16| self.formats.get(usize::from(*style));
        Ok(match cell {
            Cell::Number(number, style) => match Decimal::from_f64(*number) {
                None => "#NUM!".to_owned(),
                Some(number) => match format(style) {
                    Some(format) => format.number(number, self.epoch),
                    None => number.plain(),
                },
            },
            Cell::Shared(index, style) => {
                let text = self.strings.get(*index as usize);
                let text = text.ok_or(WorkbookError::Damaged("a text is missing"))?;
                let shown = format(style).and_then(|format| format.text(text));
                shown.unwrap_or_else(|| text.to_owned())
            }
            Cell::Text(text) => text.to_string(),
            Cell::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
            Cell::Error(code) => error_text(*code).to_owned(),
        })
    }
}

/// What a sheet shows of an error.
fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

/// A number in 30 bits: the upper part of a float or a whole number, perhaps in hundredths.
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    if bits & 1 == 0 {
        number
    } else {
        number / 100.0
    }
}

/// The encoding of texts of one byte a character.
fn code_page(number: u16) -> &'static Encoding {
    let label = match number {
        874 => "windows-874".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        10000 => "macintosh".to_owned(),
        1250..=1258 => format!("windows-{number}"),
        _ => return WINDOWS_1252,
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

impl TextForm {
    /// A text of BIFF8: a length in two bytes, a flag, characters.
    fn wide(data: Data<'_>) -> Result<String, WorkbookError> {
        let characters = usize::from(data.u16(0)?);
        if characters == 0 {
            return Ok(String::new());
        }
        characters_of(data.from(3)?, characters, data.u8(2)? & 1 == 1)
    }

    /// A text of BIFF5 with its length in two bytes.
    fn narrow(self, data: Data<'_>) -> Result<String, WorkbookError> {
        let length = usize::from(data.u16(0)?);
        Ok(self.decode(data.0.get(2..2 + length).ok_or(SHORT)?))
    }

    /// The same with its length in one byte.
    fn narrow_short(self, data: Data<'_>) -> Result<String, WorkbookError> {
        let length = usize::from(data.u8(0)?);
        Ok(self.decode(data.0.get(1..=length).ok_or(SHORT)?))
    }

    fn decode(self, bytes: &[u8]) -> String {
        let (text, _) = self.code_page.decode_without_bom_handling(bytes);
        text.into_owned()
    }
}

/// This many characters at the beginning of the data.
fn characters_of(data: Data<'_>, characters: usize, wide: bool) -> Result<String, WorkbookError> {
    let bytes = if wide { 2 * characters } else { characters };
    let bytes = data.0.get(..bytes).ok_or(SHORT)?;
    let mut text = String::new();
    push_characters(bytes, wide, &mut text);
    Ok(text)
}

/// Characters of BIFF8: UTF-16, or only its lower bytes.
fn push_characters(bytes: &[u8], wide: bool, text: &mut String) {
    if wide {
        let units = bytes
            .chunks_exact(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    } else {
        text.extend(bytes.iter().map(|byte| char::from(*byte)));
    }
}

/// Texts that continue from one record into the next, where the width of the characters may change.
struct Pieces<'a> {
    all: &'a [&'a [u8]],
    piece: usize,
    at: usize,
}

impl<'a> Pieces<'a> {
    fn new(pieces: &'a [&'a [u8]]) -> Self {
        Self {
            all: pieces,
            piece: 0,
            at: 0,
        }
    }

    fn rest(&self) -> &'a [u8] {
        let piece = self.all.get(self.piece).copied().unwrap_or_default();
        piece.get(self.at..).unwrap_or_default()
    }

    /// Whether nothing is left. Continues with the next piece at the end of one.
    fn is_done(&mut self) -> bool {
        while self.rest().is_empty() {
            if self.piece >= self.all.len() {
                return true;
            }
            self.piece += 1;
            self.at = 0;
        }
        false
    }

    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..bytes)?;
        self.at += bytes;
        Some(taken)
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 && !self.is_done() {
            let step = bytes.min(self.rest().len());
            self.at += step;
            bytes -= step;
        }
    }

    /// The next text: its length, flags, counts of what follows it, characters. `false` if the rest is too short for one.
    fn read(&mut self, text: &mut String) -> Result<bool, WorkbookError> {
        let Some(head) = self.take(3) else {
            return Ok(false);
        };
        let mut characters = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let flags = head[2];
        let mut wide = flags & 1 == 1;
        let mut following = 0;
        if flags & 8 != 0 {
            following += 4 * usize::from(Data(self.take(2).ok_or(SHORT)?).u16(0)?);
        }
        if flags & 4 != 0 {
            following += Data(self.take(4).ok_or(SHORT)?).u32(0)? as usize;
        }
        while characters > 0 {
            if self.rest().is_empty() {
                if self.is_done() {
                    return Err(SHORT);
                }
                wide = self.take(1).ok_or(SHORT)?[0] & 1 == 1;
                continue;
            }
            let width = if wide { 2 } else { 1 };
            let here = (self.rest().len() / width).min(characters);
            if here == 0 {
                return Err(SHORT);
            }
            let bytes = self.take(here * width).ok_or(SHORT)?;
            push_characters(bytes, wide, text);
            characters -= here;
        }
        self.skip(following);
        Ok(true)
    }
}

/// The bytes of a record.
#[derive(Clone, Copy)]
struct Data<'a>(&'a [u8]);

impl<'a> Data<'a> {
    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], WorkbookError> {
        let bytes = self.0.get(at..at + N).ok_or(SHORT)?;
        bytes.try_into().map_err(|_| SHORT)
    }

    fn u8(self, at: usize) -> Result<u8, WorkbookError> {
        self.array::<1>(at).map(|[byte]| byte)
    }

    fn u16(self, at: usize) -> Result<u16, WorkbookError> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(self, at: usize) -> Result<u32, WorkbookError> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn f64(self, at: usize) -> Result<f64, WorkbookError> {
        self.array(at).map(f64::from_le_bytes)
    }

    fn from(self, at: usize) -> Result<Data<'a>, WorkbookError> {
        self.0.get(at..).map(Data).ok_or(SHORT)
    }
}

/// The records of a stream from an offset on, up to one that is cut off.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }

    fn next(&mut self) -> Option<(u16, Data<'a>)> {
        let rest = self.stream.get(self.at..)?;
        let head = rest.first_chunk::<4>()?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = rest.get(4..4 + length)?;
        self.at += 4 + length;
        Some((kind, Data(data)))
    }

    fn next_if(&mut self, wanted: u16) -> Option<Data<'a>> {
        let before = self.at;
        match self.next() {
            Some((kind, data)) if kind == wanted => Some(data),
            _ => {
                self.at = before;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_floats_whole_numbers_or_hundredths() {
        for (bits, number) in [
            (0x3FF0_0000_u32, 1.0),
            (0x0000_0006, 1.0),
            (0x0000_0007, 0.01),
            (0xFFFF_FFFE, -1.0),
            (0x3FF0_0001, 0.01),
        ] {
            assert!((rk(bits) - number).abs() < 1e-12, "{bits:x}");
        }
    }

    #[test]
    fn a_text_changes_its_width_where_a_record_ends() -> Result<(), WorkbookError> {
        let pieces: [&[u8]; 2] = [&[4, 0, 0, b'S', b'i'], &[1, b't', 0, 0x29, 1]];
        let mut text = String::new();
        let mut texts = Pieces::new(&pieces);
        assert!(texts.read(&mut text)?);
        assert_eq!(text, "Sitĩ");
        assert!(texts.is_done());
        Ok(())
    }
}
