//! The zip of `.xlsx` and `.ods` and the XML in it, within limits that hold whatever its headers say: bytes are counted
//! as they are unpacked, and no piece of XML may be larger than a person could have written.

use std::{
    collections::HashMap,
    io::{self, BufReader, Read, Seek},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::WorkbookError;

/// Bytes of one tag or one text: a cell of Excel has at most 32 767 characters, a cell of a million bytes is an attack.
const LONGEST_EVENT: u64 = 2 << 20;
/// Files in the zip: a workbook has some dozens, and a few for each sheet and picture.
const MOST_PARTS: usize = 20_000;

/// The limit of what may be unpacked, and what has been.
#[derive(Debug)]
pub(super) struct Meter {
    limit: u64,
    spent: AtomicU64,
    /// Bytes since the last piece of XML.
    piece: AtomicU64,
    exceeded: AtomicBool,
}

impl Meter {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            limit,
            spent: AtomicU64::new(0),
            piece: AtomicU64::new(0),
            exceeded: AtomicBool::new(false),
        })
    }

    /// Counts bytes that were unpacked or read.
    pub(super) fn spend(&self, bytes: u64) -> Result<(), WorkbookError> {
        if self.spent.fetch_add(bytes, Ordering::Relaxed) + bytes > self.limit {
            self.exceeded.store(true, Ordering::Relaxed);
            return Err(self.too_large());
        }
        Ok(())
    }

    pub(super) fn too_large(&self) -> WorkbookError {
        WorkbookError::TooLarge { limit: self.limit }
    }

    /// Starts the count again, for another pass over the same file.
    pub(super) fn reset(&self) {
        self.spent.store(0, Ordering::Relaxed);
    }
}

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
        if declared > u128::from(meter.limit) {
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

    /// The XML of a part; `None` if there is no such part.
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
        let piece = self.meter.piece.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.meter.spend(bytes).map_err(io::Error::other)?;
        if piece > LONGEST_EVENT {
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
        self.meter.piece.store(0, Ordering::Relaxed);
        let meter = &self.meter;
        self.reader.read_event_into(&mut self.buffer).map_err(|_| {
            if meter.exceeded.load(Ordering::Relaxed) {
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
pub(super) fn is_on(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}
