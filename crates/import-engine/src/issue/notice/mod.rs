//! What a person should know about a file that is not about one row's data: a code with its parameters. The words for people
//! are in the notices' own catalogue.

mod catalogue;

use std::{borrow::Cow, fmt};

pub use catalogue::NoticeCode;

use super::{Language, fill, shortened};

/// Something about the file as a whole, about a column, or about a row that was not taken for data.
///
/// ```
/// use import_engine::{Language, recognise::{Notice, NoticeCode}};
///
/// let notice = Notice::new(NoticeCode::FOOTER_SKIPPED).with("row", 12).with("text", "JUMLAH");
/// assert_eq!(notice.code().as_str(), "footer_skipped");
/// assert_eq!(notice.text(Language::INDONESIAN), "Baris total dilewati: baris 12 (JUMLAH)");
/// assert_eq!(notice.to_string(), "row 12 sums up the table and is skipped: JUMLAH");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Notice {
    code: NoticeCode,
    params: Vec<(Cow<'static, str>, String)>,
}

/// A parameter is quoted in a message: longer ones are cut.
const LONGEST_PARAM: usize = 200;

impl Notice {
    /// A notice without parameters.
    ///
    /// ```
    /// use import_engine::recognise::{Notice, NoticeCode};
    ///
    /// let notice = Notice::new(NoticeCode::MIXED_LINE_ENDINGS);
    /// ```
    #[must_use]
    pub fn new(code: NoticeCode) -> Self {
        Self {
            code,
            params: Vec::new(),
        }
    }

    /// With a value for a placeholder of its text; a long one is cut.
    ///
    /// ```
    /// use import_engine::recognise::{Notice, NoticeCode};
    ///
    /// let notice = Notice::new(NoticeCode::HEADER_REPEATED).with("row", 9);
    /// assert_eq!(notice.param("row"), Some("9"));
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        let value = shortened(&value.to_string(), LONGEST_PARAM);
        self.params.push((Cow::Borrowed(name), value));
        self
    }

    /// Its code.
    ///
    /// ```
    /// use import_engine::recognise::{Notice, NoticeCode};
    ///
    /// assert_eq!(Notice::new(NoticeCode::NO_HEADER).code(), NoticeCode::NO_HEADER);
    /// ```
    #[must_use]
    pub fn code(&self) -> NoticeCode {
        self.code
    }

    /// A parameter by its name.
    ///
    /// ```
    /// use import_engine::recognise::{Notice, NoticeCode};
    ///
    /// assert_eq!(Notice::new(NoticeCode::NO_HEADER).param("row"), None);
    /// ```
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Its parameters, by name.
    ///
    /// ```
    /// use import_engine::recognise::{Notice, NoticeCode};
    ///
    /// let notice = Notice::new(NoticeCode::HEADER_REPEATED).with("row", 9);
    /// assert_eq!(notice.params().collect::<Vec<_>>(), [("row", "9")]);
    /// ```
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
    }

    /// What it says, in a language.
    ///
    /// ```
    /// use import_engine::{Language, recognise::{Notice, NoticeCode}};
    ///
    /// let notice = Notice::new(NoticeCode::HEADER_REPEATED).with("row", 9);
    /// assert_eq!(notice.text(Language::INDONESIAN), "Judul kolom yang berulang dilewati: baris 9");
    /// ```
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        self.filled(self.code.words().text(language))
    }

    /// What a person may do about it, in a language, where there is something.
    ///
    /// ```
    /// use import_engine::{Language, recognise::{Notice, NoticeCode}};
    ///
    /// assert_eq!(Notice::new(NoticeCode::HEADER_REPEATED).hint(Language::ENGLISH), None);
    /// ```
    #[must_use]
    pub fn hint(&self, language: Language) -> Option<String> {
        let hint = self.code.words().hint(language);
        (!hint.is_empty()).then(|| self.filled(hint))
    }

    pub(crate) fn filled(&self, template: &str) -> String {
        fill(template, |name| self.param(name))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::ENGLISH))
    }
}
