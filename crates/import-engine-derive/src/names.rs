//! What serde calls fields and variants: rows become structs by serde, so the schema must use its names.

use proc_macro2::Span;
use syn::{Attribute, LitStr, ext::IdentExt, meta::ParseNestedMeta};

/// What the attributes of serde say about a struct, an enum, a field or a variant. What does not change what is read is passed
/// over; serde itself finds what is wrong with them.
#[derive(Default)]
pub(crate) struct SerdeAttributes {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    /// An absent value is the default.
    pub(crate) has_default: bool,
    /// Nothing is read.
    pub(crate) is_skipped: bool,
    /// Where `flatten` stands.
    pub(crate) flatten: Option<Span>,
}

impl SerdeAttributes {
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("serde") {
                attribute.parse_nested_meta(|meta| found.take(&meta))?;
            }
        }
        Ok(found)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rename") {
            self.rename = read_name(meta)?.map(|name| name.value());
        } else if meta.path.is_ident("rename_all") {
            self.rename_all = read_name(meta)?.map(|name| Case::of(&name)).transpose()?;
        } else if meta.path.is_ident("skip") || meta.path.is_ident("skip_deserializing") {
            self.is_skipped = true;
        } else if meta.path.is_ident("flatten") {
            self.flatten = Some(meta.path.segments[0].ident.span());
        } else {
            self.has_default |= meta.path.is_ident("default");
            pass_over(meta)?;
        }
        Ok(())
    }
}

/// The name by which is read: `= "name"`, or of `(serialize = "…", deserialize = "…")` the second.
fn read_name(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if meta.input.peek(syn::Token![=]) {
        return meta.value()?.parse().map(Some);
    }
    let mut name = None;
    meta.parse_nested_meta(|meta| {
        if meta.path.is_ident("deserialize") {
            name = Some(meta.value()?.parse()?);
            return Ok(());
        }
        pass_over(&meta)
    })?;
    Ok(name)
}

/// Whatever the attribute holds.
fn pass_over(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        meta.parse_nested_meta(|meta| pass_over(&meta))?;
    }
    Ok(())
}

/// How serde writes names that it derives.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    fn of(name: &LitStr) -> syn::Result<Self> {
        Ok(match name.value().as_str() {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            other => {
                let message = format!("serde has no case '{other}'");
                return Err(syn::Error::new(name.span(), message));
            }
        })
    }

    /// The name of a field, which is written in snake case.
    fn field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => decapitalised(&pascal(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The name of a variant, which is written in Pascal case.
    fn variant(self, name: &str) -> String {
        match self {
            Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => decapitalised(name),
            Self::Snake => snake(name),
            Self::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Self::Kebab => snake(name).replace('_', "-"),
            Self::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// What serde calls a field.
pub(crate) fn of_field(own: &SerdeAttributes, all: Option<Case>, ident: &syn::Ident) -> String {
    let name = ident.unraw().to_string();
    own.rename
        .clone()
        .unwrap_or_else(|| all.map_or(name.clone(), |case| case.field(&name)))
}

/// What serde calls a variant.
pub(crate) fn of_variant(own: &SerdeAttributes, all: Option<Case>, ident: &syn::Ident) -> String {
    let name = ident.unraw().to_string();
    own.rename
        .clone()
        .unwrap_or_else(|| all.map_or(name.clone(), |case| case.variant(&name)))
}

/// `PriceList` is `price_list`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (place, letter) in name.char_indices() {
        if place > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    let mut begins = true;
    for letter in name.chars() {
        if letter == '_' {
            begins = true;
        } else if begins {
            pascal.push(letter.to_ascii_uppercase());
            begins = false;
        } else {
            pascal.push(letter);
        }
    }
    pascal
}

fn decapitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(letters)
        .collect()
}
