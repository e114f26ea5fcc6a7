//! `.xlsx`: a package of XML parts in a zip, read as a stream. Values come from the cells, never from formulas; links to other
//! files, macros and pictures are not read. The package, which an `.ods` is too, keeps limits that hold whatever its headers
//! say: bytes are counted as they are unpacked, and no piece of XML may be larger than a person could have written.

use std::{
    collections::HashMap,
    io::{self, BufReader, Read, Seek},
    sync::Arc,
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{
    format::{Decimal, Epoch, Format},
    rows::{Collector, Meter, SheetInfo, Strings, WorkbookError, parse_place},
};

/// Formats of cells: Excel has at most 65 490.
const MOST_STYLES: usize = 1 << 16;

const NO_WORKBOOK: WorkbookError = WorkbookError::Damaged("it names no sheets");

/// An opened workbook.
#[derive(Debug)]
pub(super) struct Xlsx<R> {
    package: Package<R>,
    sheets: Vec<SheetInfo>,
    /// The path of each sheet.
    paths: Vec<String>,
    strings: Strings,
    formats: Vec<Format>,
    epoch: Epoch,
}

/// A relationship of a part: its id, its kind, and its target.
struct Relationship {
    id: String,
    kind: String,
    target: String,
}

impl<R: Read + Seek> Xlsx<R> {
    pub(super) fn open(mut package: Package<R>) -> Result<Self, WorkbookError> {
        let root = relationships(&mut package, "")?;
        let book = root
            .into_iter()
            .find(|relationship| relationship.kind.ends_with("/officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |found| found.target);
        if book.to_ascii_lowercase().ends_with(".bin") {
            return Err(WorkbookError::Unsupported);
        }
        let links = relationships(&mut package, &book)?;
        let (listed, epoch) = listed_sheets(&mut package, &book)?;
        let mut sheets = Vec::new();
        let mut paths = Vec::new();
        for (sheet, id) in listed {
            let link = links.iter().find(|link| link.id == id);
            // Charts and dialogues are sheets without cells.
            if let Some(link) = link.filter(|link| link.kind.ends_with("/worksheet")) {
                sheets.push(sheet);
                paths.push(link.target.clone());
            }
        }
        if sheets.is_empty() {
            return Err(NO_WORKBOOK);
        }
        let part = |kind: &str| {
            let link = links.iter().find(|link| link.kind.ends_with(kind));
            link.map(|link| link.target.clone())
        };
        let strings = match part("/sharedStrings") {
            Some(path) => shared_strings(&mut package, &path)?,
            None => Strings::default(),
        };
        let formats = match part("/styles") {
            Some(path) => cell_formats(&mut package, &path)?,
            None => Vec::new(),
        };
        Ok(Self {
            package,
            sheets,
            paths,
            strings,
            formats,
            epoch,
        })
    }

    pub(super) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    pub(super) fn walk(&mut self, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        for (index, path) in self.paths.iter().enumerate() {
            rows.begin_sheet(index);
            let Some(xml) = self.package.xml(path)? else {
                return Err(WorkbookError::Damaged("a sheet is missing"));
            };
            let mut sheet = Sheet {
                xml,
                strings: &self.strings,
                formats: &self.formats,
                epoch: self.epoch,
                text: String::new(),
            };
            sheet.read(rows)?;
        }
        Ok(())
    }
}

/// The relationships of a part; the empty part is the package itself. Links to other files are not followed.
fn relationships<R: Read + Seek>(
    package: &mut Package<R>,
    part: &str,
) -> Result<Vec<Relationship>, WorkbookError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let path = if folder.is_empty() {
        format!("_rels/{file}.rels")
    } else {
        format!("{folder}/_rels/{file}.rels")
    };
    let Some(mut xml) = package.xml(&path)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    loop {
        match xml.next()? {
            Event::Start(start) if start.local_name().as_ref() == b"Relationship" => {
                let external = attribute(&start, "TargetMode")?.as_deref() == Some("External");
                let id = attribute(&start, "Id")?;
                let kind = attribute(&start, "Type")?;
                let target = attribute(&start, "Target")?;
                if let (false, Some(id), Some(kind), Some(target)) = (external, id, kind, target) {
                    found.push(Relationship {
                        id,
                        kind,
                        target: joined(folder, &target),
                    });
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// Resolves a target relative to the folder of the part that names it.
fn joined(folder: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

/// The sheets in the order of their tabs, each with the id of its relationship, and the epoch.
fn listed_sheets<R: Read + Seek>(
    package: &mut Package<R>,
    book: &str,
) -> Result<(Vec<(SheetInfo, String)>, Epoch), WorkbookError> {
    let Some(mut xml) = package.xml(book)? else {
        return Err(WorkbookError::NotAWorkbook);
    };
    let mut sheets = Vec::new();
    let mut epoch = Epoch::default();
    let mut is_workbook = false;
    loop {
        match xml.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                b"workbook" => is_workbook = true,
                b"workbookPr" if is_on(attribute(&start, "date1904")?.as_deref()) => {
                    epoch = Epoch::Of1904;
                }
                b"sheet" => {
                    let name = attribute(&start, "name")?.unwrap_or_default();
                    let state = attribute(&start, "state")?;
                    let hidden = matches!(state.as_deref(), Some("hidden" | "veryHidden"));
                    if let Some(id) = attribute(&start, "id")? {
                        sheets.push((SheetInfo::new(name, hidden), id));
                    }
                }
                _ => {}
            },
            Event::Eof if is_workbook => return Ok((sheets, epoch)),
            Event::Eof => return Err(WorkbookError::NotAWorkbook),
            _ => {}
        }
    }
}

fn shared_strings<R: Read + Seek>(
    package: &mut Package<R>,
    path: &str,
) -> Result<Strings, WorkbookError> {
    let mut strings = Strings::default();
    let Some(mut xml) = package.xml(path)? else {
        return Ok(strings);
    };
    let mut text = String::new();
    loop {
        let is_item = match xml.next()? {
            Event::Start(start) => start.local_name().as_ref() == b"si",
            Event::Eof => return Ok(strings),
            _ => false,
        };
        if is_item {
            text.clear();
            rich_text(&mut xml, &mut text)?;
            strings.push(&text)?;
        }
    }
}

/// The runs of a text up to the end of its element, without Japanese reading aids.
fn rich_text<R: Read>(xml: &mut Xml<'_, R>, text: &mut String) -> Result<(), WorkbookError> {
    let mut depth = 1_u32;
    let mut in_text = false;
    while depth > 0 {
        let is_aid = match xml.next()? {
            Event::Start(start) => {
                depth += 1;
                let name = start.local_name();
                in_text = name.as_ref() == b"t";
                matches!(name.as_ref(), b"rPh" | b"phoneticPr")
            }
            Event::End(_) => {
                depth -= 1;
                in_text = false;
                false
            }
            Event::Eof => return Err(ENDS_EARLY),
            event => {
                if in_text {
                    push_text(&event, text)?;
                }
                false
            }
        };
        if is_aid {
            xml.skip()?;
            depth -= 1;
        }
    }
    unescape(text);
    Ok(())
}

/// Decodes `_x000D_` and the like: characters that XML cannot contain, as Excel writes them.
fn unescape(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.get(2..6).filter(|_| escape.get(6..7) == Some("_"));
        let character = code
            .filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()))
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        if let Some(character) = character {
            plain.push(character);
            rest = &escape[7..];
        } else {
            plain.push_str("_x");
            rest = &escape[2..];
        }
    }
    plain.push_str(rest);
    *text = plain;
}

/// The number format of each style of cells.
fn cell_formats<R: Read + Seek>(
    package: &mut Package<R>,
    path: &str,
) -> Result<Vec<Format>, WorkbookError> {
    let Some(mut xml) = package.xml(path)? else {
        return Ok(Vec::new());
    };
    let mut codes: Vec<(u16, Format)> = Vec::new();
    let mut formats = Vec::new();
    let mut in_cells = false;
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u16>().ok());
    loop {
        match xml.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                b"numFmt" => {
                    let id = number(attribute(&start, "numFmtId")?);
                    let code = attribute(&start, "formatCode")?;
                    if let (Some(id), Some(code)) = (id, code)
                        && codes.len() < MOST_STYLES
                    {
                        codes.push((id, Format::parse(&code)));
                    }
                }
                b"cellXfs" => {
                    in_cells = true;
                    codes.sort_by_key(|(id, _)| *id);
                }
                b"xf" if in_cells && formats.len() < MOST_STYLES => {
                    let id = number(attribute(&start, "numFmtId")?).unwrap_or_default();
                    let own = codes.binary_search_by_key(&id, |(id, _)| *id);
                    formats.push(match own {
                        Ok(at) => codes[at].1.clone(),
                        Err(_) => Format::builtin(id),
                    });
                }
                _ => {}
            },
            Event::End(end) if end.local_name().as_ref() == b"cellXfs" => in_cells = false,
            Event::Eof => return Ok(formats),
            _ => {}
        }
    }
}

/// The type of a cell's value, from its `t`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    /// `str`, `inlineStr`, `e`: the text itself.
    Text,
    Bool,
    Date,
}

/// The start of a cell.
struct Head {
    column: Option<u32>,
    style: usize,
    kind: Kind,
}

impl Head {
    /// Read straight from the bytes: a sheet has millions.
    fn of(start: &BytesStart<'_>) -> Result<Self, WorkbookError> {
        let mut head = Self {
            column: None,
            style: 0,
            kind: Kind::Number,
        };
        for attribute in start.attributes().with_checks(false) {
            let attribute =
                attribute.map_err(|_| WorkbookError::Damaged("a cell cannot be read"))?;
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                b"r" => {
                    let place = parse_place(value);
                    let place = place.ok_or(WorkbookError::Damaged("a cell has no place"))?;
                    head.column = Some(place.1);
                }
                b"s" => {
                    let text = std::str::from_utf8(value).ok();
                    head.style = text.and_then(|text| text.parse().ok()).unwrap_or_default();
                }
                b"t" => {
                    head.kind = match value {
                        b"s" => Kind::Shared,
                        b"b" => Kind::Bool,
                        b"d" => Kind::Date,
                        b"str" | b"inlineStr" | b"e" => Kind::Text,
                        _ => Kind::Number,
                    }
                }
                _ => {}
            }
        }
        Ok(head)
    }
}

struct Sheet<'a, R: Read> {
    xml: Xml<'a, R>,
    strings: &'a Strings,
    formats: &'a [Format],
    epoch: Epoch,
    text: String,
}

impl<R: Read> Sheet<'_, R> {
    fn read(&mut self, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        let mut next_row = 0;
        let mut column = 0;
        let mut in_row = false;
        loop {
            let cell = match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"row" => {
                        let row = match attribute(&start, "r")? {
                            Some(number) => number
                                .parse::<u32>()
                                .ok()
                                .and_then(|number| number.checked_sub(1))
                                .ok_or(WorkbookError::Damaged("a row has no number"))?,
                            None => next_row,
                        };
                        next_row = row.saturating_add(1);
                        column = 0;
                        in_row = true;
                        let hidden = is_on(attribute(&start, "hidden")?.as_deref());
                        rows.begin_row(row, hidden)?;
                        None
                    }
                    b"c" if in_row => Some(Head::of(&start)?),
                    b"mergeCell" => {
                        let range = attribute(&start, "ref")?.unwrap_or_default();
                        let ends = range.split_once(':').and_then(|(first, last)| {
                            parse_place(first.as_bytes()).zip(parse_place(last.as_bytes()))
                        });
                        if let Some((first, last)) = ends {
                            rows.merge(first, last.0);
                        }
                        None
                    }
                    _ => None,
                },
                Event::End(end) => {
                    if end.local_name().as_ref() == b"row" {
                        in_row = false;
                        rows.end_row(1)?;
                    }
                    None
                }
                Event::Eof => return Ok(()),
                _ => None,
            };
            if let Some(head) = cell {
                column = head.column.unwrap_or(column);
                self.value(&head)?;
                rows.cell(column, &self.text)?;
                column = column.saturating_add(1);
            }
        }
    }

    /// Reads a cell to its end, into `text`.
    fn value(&mut self, head: &Head) -> Result<(), WorkbookError> {
        self.text.clear();
        let mut in_value = false;
        let mut has_text = false;
        loop {
            let is_rich = match self.xml.next()? {
                Event::Start(start) => {
                    let name = start.local_name();
                    in_value = name.as_ref() == b"v";
                    name.as_ref() == b"is"
                }
                Event::End(end) => {
                    if end.local_name().as_ref() == b"c" {
                        break;
                    }
                    in_value = false;
                    false
                }
                Event::Eof => return Err(ENDS_EARLY),
                event => {
                    if in_value {
                        push_text(&event, &mut self.text)?;
                    }
                    false
                }
            };
            if is_rich {
                rich_text(&mut self.xml, &mut self.text)?;
                has_text = true;
            }
        }
        if !has_text {
            self.translate(head)?;
        } else if let Some(shown) = self.format(head).and_then(|format| format.text(&self.text)) {
            self.text = shown;
        }
        Ok(())
    }

    fn format(&self, head: &Head) -> Option<&Format> {
        self.formats.get(head.style)
    }

    /// Turns the stored value into the text of the cell.
    fn translate(&mut self, head: &Head) -> Result<(), WorkbookError> {
        if self.text.is_empty() {
            return Ok(());
        }
        match head.kind {
            Kind::Number => {
                if let Some(number) = Decimal::parse(&self.text) {
                    self.text = match self.format(head) {
                        Some(format) => format.number(number, self.epoch),
                        None => number.plain(),
                    };
                }
            }
            Kind::Shared => {
                let index = self.text.trim().parse().ok();
                let shared = index.and_then(|index| self.strings.get(index));
                let shared = shared.ok_or(WorkbookError::Damaged("a text is missing"))?;
                self.text.clear();
                self.text.push_str(shared);
            }
            Kind::Text => unescape(&mut self.text),
            Kind::Bool => {
                let word = if self.text.trim() == "1" {
                    "TRUE"
                } else {
                    "FALSE"
                };
                word.clone_into(&mut self.text);
            }
            Kind::Date => self.text = plain_moment(&self.text),
        }
        if matches!(head.kind, Kind::Shared | Kind::Text)
            && let Some(shown) = self.format(head).and_then(|format| format.text(&self.text))
        {
            self.text = shown;
        }
        Ok(())
    }
}

/// `2024-01-05T14:30:00.000Z` without what a table does not show.
pub(super) fn plain_moment(text: &str) -> String {
    let text = text.trim().trim_end_matches('Z');
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let time = time.split('.').next().unwrap_or_default();
    if time.is_empty() || time == "00:00:00" {
        day.to_owned()
    } else {
        format!("{day} {time}")
    }
}

// The package: its parts, and the XML in them.

/// Bytes of one tag or one text: a cell of Excel has at most 32 767 characters, a cell of a million bytes is an attack.
const LONGEST_EVENT: u64 = 2 << 20;
/// Files in the zip: a workbook has some dozens, and a few for each sheet and picture.
const MOST_PARTS: usize = 20_000;

/// A zip with its files by name.
#[derive(Debug)]
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    parts: HashMap<String, usize>,
    meter: Arc<Meter>,
}

impl<R: Read + Seek> Package<R> {
    /// Reads the directory of the zip, and refuses it if that alone is too large.
    pub(super) fn open(file: R, meter: Arc<Meter>) -> Result<Self, WorkbookError> {
        let archive = ZipArchive::new(file).map_err(zip_error)?;
        if archive.len() > MOST_PARTS {
            return Err(meter.too_large());
        }
        let declared = archive.decompressed_size().unwrap_or_default();
        if declared > u128::from(meter.limit()) {
            return Err(meter.too_large());
        }
        let parts = (0..archive.len())
            .filter_map(|index| {
                let name = archive.name_for_index(index)?.ok()?;
                Some((part_name(&name), index))
            })
            .collect();
        Ok(Self {
            archive,
            parts,
            meter,
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&part_name(name))
    }

    /// The XML of a part; `None` if the package does not have it.
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<Xml<'_, R>>, WorkbookError> {
        let Some(&index) = self.parts.get(&part_name(name)) else {
            return Ok(None);
        };
        let part = self.archive.by_index(index).map_err(zip_error)?;
        let metered = Metered {
            part,
            meter: Arc::clone(&self.meter),
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(32 << 10, metered));
        reader.config_mut().expand_empty_elements = true;
        Ok(Some(Xml {
            reader,
            buffer: Vec::new(),
            meter: Arc::clone(&self.meter),
        }))
    }
}

/// Normalises a name: case and the kind of slash do not matter, because programs differ.
fn part_name(name: &str) -> String {
    name.trim_start_matches('/')
        .replace('\\', "/")
        .to_ascii_lowercase()
}

fn zip_error(error: ZipError) -> WorkbookError {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            WorkbookError::Damaged("the file ends too early")
        }
        ZipError::Io(error) => WorkbookError::Read(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => WorkbookError::Encrypted,
        ZipError::UnsupportedArchive(_) => {
            WorkbookError::Damaged("it is packed in a way that workbooks are not")
        }
        _ => WorkbookError::Damaged("it is no complete zip"),
    }
}

struct Metered<'a, R: Read> {
    part: ZipFile<'a, R>,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(buffer)?;
        let bytes = read as u64;
        let piece = self.meter.spend_on_piece(bytes);
        if piece.map_err(io::Error::other)? > LONGEST_EVENT {
            return Err(io::Error::other("a piece of XML is too long"));
        }
        Ok(read)
    }
}

/// A part as a stream of tags and texts.
pub(super) struct Xml<'a, R: Read> {
    reader: Reader<BufReader<Metered<'a, R>>>,
    buffer: Vec<u8>,
    meter: Arc<Meter>,
}

impl<R: Read> Xml<'_, R> {
    /// The next event; every start element has its end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, WorkbookError> {
        self.buffer.clear();
        self.meter.begin_piece();
        let meter = &self.meter;
        self.reader.read_event_into(&mut self.buffer).map_err(|_| {
            if meter.is_exceeded() {
                meter.too_large()
            } else {
                WorkbookError::Damaged("its XML cannot be read")
            }
        })
    }

    /// Skips the rest of an element whose start was just read.
    pub(super) fn skip(&mut self) -> Result<(), WorkbookError> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(ENDS_EARLY),
                _ => {}
            }
        }
        Ok(())
    }
}

pub(super) const ENDS_EARLY: WorkbookError = WorkbookError::Damaged("its XML ends too early");
const NOT_UTF8: WorkbookError = WorkbookError::Damaged("a text is not UTF-8");

/// The text of an event that has one.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), WorkbookError> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content().map_err(|_| NOT_UTF8)?),
        Event::CData(part) => text.push_str(&part.xml10_content().map_err(|_| NOT_UTF8)?),
        Event::GeneralRef(reference) => push_reference(reference, text)?,
        _ => {}
    }
    Ok(())
}

/// `&amp;`, `&#10;`; entities that a document defines itself are not followed.
fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), WorkbookError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        text.push(character);
        return Ok(());
    }
    let name = reference.decode().map_err(|_| NOT_UTF8)?;
    if let Some(resolved) = resolve_xml_entity(&name) {
        text.push_str(resolved);
    } else {
        text.push('&');
        text.push_str(&name);
        text.push(';');
    }
    Ok(())
}

/// The value of an attribute by its local name.
pub(super) fn attribute(
    start: &BytesStart<'_>,
    name: &str,
) -> Result<Option<String>, WorkbookError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute =
            attribute.map_err(|_| WorkbookError::Damaged("an attribute cannot be read"))?;
        if attribute.key.local_name().as_ref() == name.as_bytes() {
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| WorkbookError::Damaged("an attribute cannot be read"))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// Whether an attribute that may be absent is true.
fn is_on(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_excel_are_characters() {
        for (text, plain) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("file_x", "file_x"),
            ("_x00ZZ_", "_x00ZZ_"),
            ("_xD800_", "_xD800_"),
            ("_x00é_", "_x00é_"),
        ] {
            let mut found = text.to_owned();
            unescape(&mut found);
            assert_eq!(found, plain, "{text}");
        }
    }

    #[test]
    fn targets_are_found_from_their_folder() {
        for (folder, target, path) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl",
                "/xl/worksheets/sheet1.xml",
                "/xl/worksheets/sheet1.xml",
            ),
            ("xl/a", "../b/./c.xml", "xl/b/c.xml"),
            ("", "../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(joined(folder, target), path);
        }
    }

    #[test]
    fn moments_lose_what_a_table_does_not_show() {
        for (text, shown) in [
            ("2024-01-05", "2024-01-05"),
            ("2024-01-05T00:00:00", "2024-01-05"),
            ("2024-01-05T14:30:00.000Z", "2024-01-05 14:30:00"),
        ] {
            assert_eq!(plain_moment(text), shown);
        }
    }
}
