//! The pages of the web console: static modules, styles and texts inside the binary, and their common version. It is independent of
//! HTTP: the server decides on paths, policy and caching.
//!
//! The version is in the path of every address, and modules import each other by relative paths. So it covers all of them,
//! and the content of an address never changes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The one page; every address of the console begins with it.
const INDEX: &str = "index.html";

/// The placeholder of the version in the page.
const PLACEHOLDER: &str = "{{version}}";

/// The version of pages that are read from a folder, which may change at any time.
const UNNAMED: &str = "dev";

/// Hexadecimal digits of the version: 48 bits distinguish all builds.
const VERSION_DIGITS: usize = 12;

/// Notes for developers are next to the files; they are not served.
const UNKNOWN: &str = "application/octet-stream";

#[derive(rust_embed::RustEmbed)]
#[folder = "assets"]
struct Files;

/// A file of the console.
#[derive(Debug)]
pub struct Asset {
    bytes: Cow<'static, [u8]>,
    gzip: OnceLock<Vec<u8>>,
    content_type: &'static str,
}

impl Asset {
    fn new(path: &str, bytes: Cow<'static, [u8]>) -> Self {
        Self {
            bytes,
            gzip: OnceLock::new(),
            content_type: content_type(path),
        }
    }

    /// Its content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The compressed content; computed at the first call.
    #[must_use]
    pub fn gzip(&self) -> &[u8] {
        self.gzip.get_or_init(|| compress(&self.bytes))
    }

    /// Its media type.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        self.content_type
    }
}

/// Where the pages come from.
#[derive(Debug, Clone)]
pub enum Pages {
    /// The binary.
    Embedded,
    /// A folder that is read for every request: for work on the console itself.
    Folder(PathBuf),
}

impl Pages {
    /// The version of all files.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Embedded => &EMBEDDED.version,
            Self::Folder(_) => UNNAMED,
        }
    }

    /// Whether what an address shows stays the same for ever.
    #[must_use]
    pub const fn are_fixed(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    /// The page that every address of the console shows; `None` if the folder has none.
    #[must_use]
    pub fn index(&self) -> Option<Found> {
        match self {
            Self::Embedded => Some(Found::Embedded(&EMBEDDED.index)),
            Self::Folder(folder) => {
                let page = std::fs::read(folder.join(INDEX)).ok()?;
                Some(Found::Read(Asset::new(
                    INDEX,
                    versioned(&page, UNNAMED).into(),
                )))
            }
        }
    }

    /// A file by its path, with `/` between folders; `None` if there is no such file.
    #[must_use]
    pub fn asset(&self, path: &str) -> Option<Found> {
        match self {
            Self::Embedded => EMBEDDED.assets.get(path).map(Found::Embedded),
            Self::Folder(folder) => read_below(folder, path).map(Found::Read),
        }
    }
}

/// A file that was found: one of the binary, or one that was read for this request.
#[derive(Debug)]
pub enum Found {
    /// Of the binary.
    Embedded(&'static Asset),
    /// From a folder.
    Read(Asset),
}

impl std::ops::Deref for Found {
    type Target = Asset;

    fn deref(&self) -> &Asset {
        match self {
            Self::Embedded(asset) => asset,
            Self::Read(asset) => asset,
        }
    }
}

struct Embedded {
    version: String,
    index: Asset,
    assets: BTreeMap<String, Asset>,
}

static EMBEDDED: LazyLock<Embedded> = LazyLock::new(|| {
    let mut files: BTreeMap<String, Cow<'static, [u8]>> = Files::iter()
        .filter(|path| content_type(path) != UNKNOWN)
        .filter_map(|path| Some((path.to_string(), Files::get(&path)?.data)))
        .collect();
    let version = version_of(&files);
    let index = files.remove(INDEX).unwrap_or_default();
    Embedded {
        index: Asset::new(INDEX, versioned(&index, &version).into()),
        assets: files
            .into_iter()
            .map(|(path, bytes)| {
                let bytes = if is_ours(&path) {
                    without_remarks(&bytes).into()
                } else {
                    bytes
                };
                let asset = Asset::new(&path, bytes);
                (path, asset)
            })
            .collect(),
        version,
    }
});

/// Paths and bytes are preceded by their lengths, so that two different sets of files never give the same input.
fn version_of(files: &BTreeMap<String, Cow<'static, [u8]>>) -> String {
    let mut digest = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
    }
    let mut version = hex::encode(digest.finalize());
    version.truncate(VERSION_DIGITS);
    version
}

fn versioned(page: &[u8], version: &str) -> Vec<u8> {
    String::from_utf8_lossy(page)
        .replace(PLACEHOLDER, version)
        .into_bytes()
}

/// Third-party files are served unchanged.
fn is_ours(path: &str) -> bool {
    path.starts_with("js/") || path.starts_with("i18n/") || path == "app.css"
}

/// A text without the lines that are comments, without indentation and without the types that stand in front of values: a quarter
/// of what a browser would load, compressed. Nothing has to be understood of what stands on the other lines, for no text of ours
/// spans lines in which these would matter.
fn without_remarks(text: &[u8]) -> Vec<u8> {
    let mut kept = String::with_capacity(text.len());
    let mut is_remark = false;
    for line in String::from_utf8_lossy(text).lines().map(str::trim) {
        let begins = line.starts_with("/*");
        let ends = line.ends_with("*/");
        if is_remark || (begins && (ends || !line.contains("*/"))) {
            is_remark = !ends;
        } else if !line.is_empty() && !line.starts_with("//") {
            push_untyped(&mut kept, line);
            kept.push('\n');
        }
    }
    kept.into_bytes()
}

/// The beginning of a type in front of a value.
const TYPE: &str = "/** @type ";

fn push_untyped(kept: &mut String, mut line: &str) {
    while let Some((before, rest)) = line.split_once(TYPE) {
        let Some((_, after)) = rest.split_once("*/") else {
            break;
        };
        kept.push_str(before);
        line = after.strip_prefix(' ').unwrap_or(after);
    }
    kept.push_str(line);
}

/// Only plain names: neither `..` nor an absolute path may lead out of the folder.
fn read_below(folder: &Path, path: &str) -> Option<Asset> {
    let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
    if content_type(path) == UNKNOWN || !Path::new(path).components().all(is_name) {
        return None;
    }
    let bytes = std::fs::read(folder.join(path)).ok()?;
    Some(Asset::new(path, bytes.into()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => UNKNOWN,
    }
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written: io::Result<Vec<u8>> = encoder.write_all(bytes).and_then(|()| encoder.finish());
    // Writing to a `Vec` cannot fail.
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_there_under_its_version() {
        let index = Pages::Embedded.index().unwrap();
        let page = std::str::from_utf8(index.bytes()).unwrap();
        let prefix = format!("/console/assets/{}/", Pages::Embedded.version());
        let paths: Vec<&str> = page
            .split('"')
            .filter_map(|text| text.strip_prefix(prefix.as_str()))
            .collect();
        assert!(paths.contains(&"js/main.mjs"), "{paths:?}");
        for path in paths {
            let path = path.split('#').next().unwrap();
            assert!(Pages::Embedded.asset(path).is_some(), "{path}");
        }
        assert!(!page.contains(PLACEHOLDER));
    }

    #[test]
    fn a_changed_name_or_byte_changes_the_version() {
        let files = |path: &str, bytes: &'static [u8]| {
            BTreeMap::from([(path.to_owned(), Cow::Borrowed(bytes))])
        };
        let first = version_of(&files("a", b"bc"));
        assert_eq!(first.len(), VERSION_DIGITS);
        assert_eq!(first, version_of(&files("a", b"bc")));
        assert_ne!(first, version_of(&files("ab", b"c")));
        assert_ne!(first, version_of(&files("a", b"bd")));
    }

    #[test]
    fn remarks_are_left_out_and_nothing_else() {
        let text = "// first\n/** one */\n/**\n * more\n */\nlet a = 1; // stays\n\n  /** @type {X} */ (b).c();\n  // d\n";
        let kept = String::from_utf8(without_remarks(text.as_bytes())).unwrap();
        assert_eq!(kept, "let a = 1; // stays\n(b).c();\n");
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let pages = Pages::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets"));
        assert!(pages.asset("js/main.mjs").is_some());
        for path in [
            "../Cargo.toml",
            "js/../../Cargo.toml",
            "/etc/passwd",
            "js",
            "",
        ] {
            assert!(pages.asset(path).is_none(), "{path}");
        }
    }

    #[test]
    fn what_is_compressed_is_what_is_there() {
        use std::io::Read;
        let asset = Pages::Embedded.asset("js/main.mjs").unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(asset.gzip())
            .read_to_end(&mut text)
            .unwrap();
        assert_eq!(text, asset.bytes());
        assert!(asset.gzip().len() < asset.bytes().len());
    }
}
