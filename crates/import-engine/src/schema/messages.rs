//! Issues in the words of a language: the field's text, the schema's, or the catalogue's. Holds no texts itself.

use super::{Schema, kind::Kind};
use crate::{
    error::FileError,
    issue::{Issue, IssueCode, IssueKind, Language, Notice, builtin, fill},
    value::locale::Translation,
};

/// The words for the issues of one schema in one language.
///
/// A text comes from the field, else from the schema, else from the engine's own catalogue.
///
/// ```
/// use import_engine::{Field, IssueCode, Language, Plan, Schema};
///
/// let file = b"name,email\nAhmad,ahmad@email\n,siti@example.com\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email").label("Email"))
///     .build()?;
/// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
///
/// let messages = schema.messages(Language::INDONESIAN);
/// let said: Vec<_> = batches[0].issues().iter().map(|issue| messages.message(issue)).collect();
/// assert_eq!(said, ["Email tidak valid: ahmad@email", "Field 'name' wajib diisi"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    schema: Schema,
    language: Language,
}

impl Messages {
    pub(crate) fn new(schema: Schema, language: Language) -> Self {
        Self { schema, language }
    }

    /// The message about an issue for a person.
    #[must_use]
    pub fn message(&self, issue: &Issue) -> String {
        self.render(issue, issue.value.as_deref().unwrap_or_default())
    }

    /// The same with the value of a sensitive field covered, for places where others may read it.
    #[must_use]
    pub fn masked_message(&self, issue: &Issue) -> String {
        self.render(issue, issue.masked_value().as_deref().unwrap_or_default())
    }

    /// The format a cell should have had; `None` for a duplicate, whose format is right.
    #[must_use]
    pub fn expected(&self, issue: &Issue) -> Option<String> {
        if issue.kind == IssueKind::Duplicate {
            return None;
        }
        self.expected_of(issue.field()?)
    }

    /// What a field's cells should look like, if there is anything to say.
    ///
    /// ```
    /// use import_engine::{Field, Language, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("code").expected("two letters")).build()?;
    /// assert_eq!(schema.messages(Language::ENGLISH).expected_of("code").as_deref(), Some("two letters"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expected_of(&self, field: &str) -> Option<String> {
        let index = self.schema.index_of(field)?;
        let field = &self.schema.fields()[index];
        field.expected_format(self.language)
    }

    /// The text of a code with its placeholders, where the field has none of its own.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// let messages = schema.messages(Language::ENGLISH);
    /// assert_eq!(messages.template(IssueCode::REQUIRED), "Field '{field}' is required");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn template(&self, code: IssueCode) -> &str {
        let own = self.schema.inner.messages.iter();
        own.filter(|text| text.code == code && text.language == self.language)
            .map(|text| &*text.text)
            .next()
            .or_else(|| self.translations().find_map(|all| all.of_issue(code)))
            .unwrap_or_else(|| builtin(code, self.language))
    }

    /// What a notice says.
    #[must_use]
    pub fn notice(&self, notice: &Notice) -> String {
        let translated = self
            .translations()
            .find_map(|all| all.of_notice(notice.code()));
        match translated {
            Some((text, _)) => notice.filled(text),
            None => notice.text(self.language),
        }
    }

    /// What a person may do about a notice, where there is something.
    #[must_use]
    pub fn hint(&self, notice: &Notice) -> Option<String> {
        let translated = self
            .translations()
            .find_map(|all| all.of_notice(notice.code()));
        match translated {
            Some((_, hint)) => (!hint.is_empty()).then(|| notice.filled(hint)),
            None => notice.hint(self.language),
        }
    }

    /// What is said of a file that cannot be imported.
    #[must_use]
    pub fn file_error(&self, error: &FileError) -> String {
        let translated = self
            .translations()
            .find_map(|all| all.of_file(error.code()));
        match translated {
            Some(text) => error.filled(text),
            None => error.message(self.language),
        }
    }

    /// The caller's texts in the language, the later ones first.
    fn translations(&self) -> impl Iterator<Item = &Translation> {
        let all = self.schema.inner.translations.iter().rev();
        all.filter(|all| all.language() == self.language)
    }

    fn render(&self, issue: &Issue, value: &str) -> String {
        let field = issue
            .field()
            .and_then(|name| self.schema.index_of(name))
            .map(|i| &self.schema.fields()[i]);
        let template = field
            .into_iter()
            .flat_map(|field| &field.messages)
            .find(|text| text.code == issue.code && text.language == self.language)
            .map_or_else(|| self.template(issue.code), |text| &*text.text);
        let name = issue.field().unwrap_or_default();
        let label = field
            .and_then(|field| field.label.as_deref())
            .unwrap_or(name);
        let row = issue.row.to_string();
        let line = issue.line.to_string();
        fill(template, |key| {
            issue.param(key).or(match key {
                "field" => Some(name),
                "label" => Some(label),
                "value" => Some(value),
                "row" => Some(&row),
                "line" => Some(&line),
                _ => None,
            })
        })
    }
}

/// The format of a kind where the field does not say its own.
pub(crate) fn builtin_expected(kind: &Kind, language: Language) -> Option<String> {
    let indonesian = language == Language::INDONESIAN;
    let words = |id: &str, en: &str| Some(if indonesian { id } else { en }.to_owned());
    match kind {
        Kind::Text(options) => options.digits.map(|(least, most)| {
            let word = if indonesian || most == 1 {
                "digit"
            } else {
                "digits"
            };
            if least == most {
                format!("{least} {word}")
            } else {
                format!("{least}-{most} {word}")
            }
        }),
        Kind::Integer(_) => words("bilangan bulat", "a whole number"),
        Kind::Decimal(_) => words("angka", "a number"),
        Kind::Money(_) => words("jumlah, contoh 25000000", "an amount such as 25000000"),
        Kind::Date(_) => words("YYYY-MM-DD atau DD/MM/YYYY", "YYYY-MM-DD or DD/MM/YYYY"),
        Kind::DateTime(_) => words(
            "YYYY-MM-DD HH:MM dengan zona waktu",
            "YYYY-MM-DD HH:MM with its time zone",
        ),
        Kind::Email => words("nama@domain.com", "name@domain.com"),
        Kind::Uuid => Some("UUID".to_owned()),
        Kind::Bool => words("ya / tidak", "yes / no"),
        Kind::Choice(choices) => Some(choices.words.join(", ")),
        Kind::Reference(_) => words("ID atau nama yang terdaftar", "an id or a registered name"),
    }
}
