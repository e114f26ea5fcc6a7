//! What a field is called and what it says.

use std::sync::Arc;

use super::Field;
use crate::{
    issue::{IssueCode, Language, Override},
    schema::{kind::Kind, messages::builtin_expected},
};

/// # Words for people
impl Field {
    /// What people call it.
    pub(crate) fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// What messages call the field, `{label}`. By default its name.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let email = Field::email("email").label("E-mail");
    /// ```
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The cell of the template's example row.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").example("Ahmad Rizki");
    /// ```
    #[must_use]
    pub fn example(mut self, example: impl Into<Box<str>>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// The expected format, in the words of the field's users: `16 digit`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let id = Field::digits("id_number", 16, 16).expected("16 digit");
    /// ```
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Box<str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The message of a code for this field, instead of the catalogue's. `{field}`, `{label}`, `{value}` and the code's
    /// parameters stand for themselves.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language};
    ///
    /// let package = Field::reference("paket_id", "package").message(
    ///     IssueCode::REFERENCE_NOT_FOUND,
    ///     Language::INDONESIAN,
    ///     "Paket dengan ID '{value}' tidak ditemukan",
    /// );
    /// ```
    #[must_use]
    pub fn message(
        mut self,
        code: IssueCode,
        language: Language,
        text: impl Into<Box<str>>,
    ) -> Self {
        self.messages.push(Override {
            code,
            language,
            text: text.into(),
        });
        self
    }

    /// The field's name.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::text("name").name(), "name");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a cell must not be empty.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_required());
    /// ```
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// The words of a choice; `None` if the field is none.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let field = Field::choice("size", ["S", "M"]);
    /// assert_eq!(field.choices().unwrap()[1].as_ref(), "M");
    /// ```
    #[must_use]
    pub fn choices(&self) -> Option<&[Arc<str>]> {
        match &self.kind {
            Kind::Choice(choices) => Some(&choices.words),
            _ => None,
        }
    }

    /// The target of a reference; `None` if the field is none.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::reference("owner", "person").refers_to(), Some("person"));
    /// ```
    #[must_use]
    pub fn refers_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::Reference(target) => Some(target),
            _ => None,
        }
    }

    /// The cell that a template shows, if the field has one.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::text("name").example("Siti").example_text(), Some("Siti"));
    /// ```
    #[must_use]
    pub fn example_text(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// What an empty cell is instead, if the field says so.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::integer("pieces").default("1").default_text(), Some("1"));
    /// ```
    #[must_use]
    pub fn default_text(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// Whether the field only helps to judge others and is not stored.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_auxiliary());
    /// ```
    #[must_use]
    pub fn is_auxiliary(&self) -> bool {
        self.auxiliary
    }

    /// Whether values are personal.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(!Field::text("name").is_sensitive());
    /// ```
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// What the cells are, as a stable word: `text`, `multiline`, `digits`, `integer`, `decimal`, `money`, `date`, `date_time`,
    /// `email`, `uuid`, `bool`, `choice` or `reference`.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::digits("id_number", 16, 16).kind_word(), "digits");
    /// ```
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        match &self.kind {
            Kind::Text(options) if options.digits.is_some() => "digits",
            Kind::Text(options) if options.multiline => "multiline",
            Kind::Text(_) => "text",
            Kind::Integer(_) => "integer",
            Kind::Decimal(_) => "decimal",
            Kind::Money(_) => "money",
            Kind::Date(_) => "date",
            Kind::DateTime(_) => "date_time",
            Kind::Email => "email",
            Kind::Uuid => "uuid",
            Kind::Bool => "bool",
            Kind::Choice(_) => "choice",
            Kind::Reference(_) => "reference",
        }
    }

    /// Whether no two records may have the same value.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert!(Field::email("email").unique().is_unique());
    /// ```
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.unique.is_some()
    }

    /// What messages call the field.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// assert_eq!(Field::email("email").label("E-mail").shown_label(), "E-mail");
    /// ```
    #[must_use]
    pub fn shown_label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// The format that a cell should have: the field's own words in whatever language they are, else those of its kind.
    ///
    /// ```
    /// use import_engine::{Field, Language};
    ///
    /// let seats = Field::integer("seats");
    /// assert_eq!(seats.expected_format(Language::ENGLISH).as_deref(), Some("a whole number"));
    /// ```
    #[must_use]
    pub fn expected_format(&self, language: Language) -> Option<String> {
        match &self.expected {
            Some(expected) => Some(expected.to_string()),
            None => builtin_expected(&self.kind, language),
        }
    }

    /// The field's own message texts, with their placeholders.
    ///
    /// ```
    /// use import_engine::{Field, IssueCode, Language};
    ///
    /// let name = Field::text("name").message(IssueCode::REQUIRED, Language::ENGLISH, "who is it?");
    /// assert_eq!(name.own_messages().next(), Some((IssueCode::REQUIRED, Language::ENGLISH, "who is it?")));
    /// ```
    pub fn own_messages(&self) -> impl Iterator<Item = (IssueCode, Language, &str)> {
        self.messages
            .iter()
            .map(|own| (own.code, own.language, &*own.text))
    }
}
