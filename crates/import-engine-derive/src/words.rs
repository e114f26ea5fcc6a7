//! The words of `#[import(…)]` on a field: its kind, and what is asked of its cells. Each word is a method of
//! `import_engine::Field`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Expr, LitInt, LitStr, Path, Token, ext::IdentExt, meta::ParseNestedMeta,
    punctuated::Punctuated, spanned::Spanned,
};

/// What may follow a word, and on which kinds of cells it has a meaning.
struct Word {
    name: &'static str,
    takes: Takes,
    of: Kinds,
}

#[derive(Clone, Copy, PartialEq)]
enum Takes {
    Nothing,
    /// `= "text"`
    Text,
    /// `= 5`, or a constant
    Number,
    /// `= function`
    Function,
    /// `("one", "other")`
    Texts,
}

#[derive(Clone, Copy)]
enum Kinds {
    Any,
    Texts,
    Numbers,
    Money,
}

impl Kinds {
    fn include(self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Texts => matches!(
                kind,
                "text" | "multiline" | "digits" | "email" | "reference"
            ),
            Self::Numbers => matches!(kind, "integer" | "decimal" | "money"),
            Self::Money => kind == "money",
        }
    }
}

/// The kinds of cells that need no more than their word.
const PLAIN_KINDS: &[&str] = &[
    "text",
    "multiline",
    "email",
    "uuid",
    "integer",
    "decimal",
    "money",
    "date",
    "datetime",
    "boolean",
];

/// The kinds that need something in brackets.
const KINDS_OF: &[&str] = &["digits", "choice", "reference"];

const fn word(name: &'static str, takes: Takes, of: Kinds) -> Word {
    Word { name, takes, of }
}

/// `with` stands last: it is done after all others.
const WORDS: &[Word] = &[
    word("required", Takes::Nothing, Kinds::Any),
    word("default", Takes::Text, Kinds::Any),
    word("unique", Takes::Nothing, Kinds::Any),
    word("unique_warning", Takes::Nothing, Kinds::Any),
    word("sensitive", Takes::Nothing, Kinds::Any),
    word("alias", Takes::Text, Kinds::Any),
    word("aliases", Takes::Texts, Kinds::Any),
    word("label", Takes::Text, Kinds::Any),
    word("example", Takes::Text, Kinds::Any),
    word("expected", Takes::Text, Kinds::Any),
    word("min", Takes::Number, Kinds::Numbers),
    word("max", Takes::Number, Kinds::Numbers),
    word("units", Takes::Texts, Kinds::Numbers),
    word("currency", Takes::Texts, Kinds::Money),
    word("minor_units", Takes::Number, Kinds::Money),
    word("min_chars", Takes::Number, Kinds::Texts),
    word("max_chars", Takes::Number, Kinds::Texts),
    word("pattern", Takes::Text, Kinds::Texts),
    word("rule", Takes::Function, Kinds::Any),
    word("check", Takes::Function, Kinds::Any),
    word("with", Takes::Function, Kinds::Any),
];

/// What may be said more than once.
const REPEATABLE: &[&str] = &["alias", "aliases", "rule", "check"];

/// What was said of one field.
#[derive(Default)]
pub(crate) struct Words {
    /// The word of the kind, its arguments after the name, and where it stands.
    kind: Option<(String, TokenStream, Span)>,
    /// Calls of the builder, in their order.
    calls: Vec<TokenStream>,
    /// The function that has the last say.
    with: Option<Path>,
    said: Vec<(String, Span)>,
    /// Whether they stand on a type, which can say where the engine is.
    of_type: bool,
    engine: Option<Path>,
}

impl Words {
    /// Reads the attributes of a field.
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        Self::default().read(attributes)
    }

    /// Reads the attributes of a type that is one cell.
    pub(crate) fn of_type(attributes: &[Attribute]) -> syn::Result<Self> {
        let words = Self {
            of_type: true,
            ..Self::default()
        };
        words.read(attributes)
    }

    /// Where the engine is.
    pub(crate) fn engine(&self) -> Path {
        engine(self.engine.as_ref())
    }

    fn read(mut self, attributes: &[Attribute]) -> syn::Result<Self> {
        let words = &mut self;
        let mut errors = Errors::default();
        for attribute in attributes {
            if !attribute.path().is_ident("import") {
                continue;
            }
            let read = attribute.parse_nested_meta(|meta| words.take(&meta, &mut errors));
            errors.note(read);
        }
        if let Some((kind, ..)) = &words.kind {
            for (said, span) in &words.said {
                let known = WORDS.iter().find(|word| word.name == said);
                if known.is_some_and(|word| !word.of.include(kind)) {
                    let message = format!("`{said}` does nothing to a cell that is `{kind}`");
                    errors.add(syn::Error::new(*span, message));
                }
            }
        }
        errors.or(self)
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.said.iter().any(|(said, _)| said == word)
    }

    /// A word that has no meaning where these stand.
    pub(crate) fn refuse(&self, word: &str, why: &str) -> syn::Result<()> {
        let said = self.said.iter().find(|(said, _)| said == word);
        said.map_or(Ok(()), |(_, span)| Err(syn::Error::new(*span, why)))
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<()> {
        let span = meta.path.span();
        let Some(ident) = meta.path.get_ident() else {
            return Err(meta.error("a word was expected here"));
        };
        let name = ident.unraw().to_string();
        if name == "crate" && self.of_type {
            self.engine = Some(meta.value()?.parse()?);
            return Ok(());
        }
        if PLAIN_KINDS.contains(&name.as_str()) || KINDS_OF.contains(&name.as_str()) {
            let arguments = kind_arguments(meta, &name)?;
            if let Some((known, ..)) = &self.kind {
                let message = format!("a cell cannot be both `{known}` and `{name}`");
                errors.add(syn::Error::new(span, message));
            }
            self.kind = Some((name, arguments, span));
            return Ok(());
        }
        let Some(word) = WORDS.iter().find(|word| word.name == name) else {
            return Err(syn::Error::new(span, unknown(&name)));
        };
        if self.has(&name) && !REPEATABLE.contains(&name.as_str()) {
            errors.add(syn::Error::new(span, format!("`{name}` is said twice")));
        }
        self.said.push((name.clone(), span));
        let method = syn::Ident::new(&name, span);
        let call = match word.takes {
            Takes::Nothing => {
                if meta.input.peek(Token![=]) || meta.input.peek(syn::token::Paren) {
                    return Err(meta.error(format!("`{name}` stands alone")));
                }
                quote!(.#method())
            }
            Takes::Text => {
                let text: LitStr = value(meta, &name, "= \"text\"")?.parse()?;
                quote!(.#method(#text))
            }
            Takes::Number => {
                let number: Expr = value(meta, &name, "= 5")?.parse()?;
                quote!(.#method(#number))
            }
            Takes::Function => {
                let function: Path = value(meta, &name, "= function")?.parse()?;
                if name == "with" {
                    self.with = Some(function);
                    return Ok(());
                }
                quote!(.#method(#function))
            }
            Takes::Texts => {
                let texts = texts(meta, &name)?;
                quote!(.#method([#texts]))
            }
        };
        self.calls.push(call);
        Ok(())
    }

    /// The expression of the field. Where no kind was said, it is that of the type.
    pub(crate) fn field(
        &self,
        engine: &Path,
        name: &TokenStream,
        ty: &syn::Type,
        required: Required,
    ) -> TokenStream {
        let mut field = if let Some((kind, arguments, span)) = &self.kind {
            let method = syn::Ident::new(kind, *span);
            quote_spanned!(*span=> #engine::Field::#method(#name #arguments))
        } else {
            quote_spanned!(ty.span()=> <#ty as #engine::ImportCell>::field(#name))
        };
        // A number that the type cannot hold is an issue of its row, and no fault of the program.
        if let Some((kind, ..)) = &self.kind
            && matches!(kind.as_str(), "integer" | "money")
            && !self.has("max")
            && let Some(number) = small_number(ty)
        {
            field.extend(quote!(.max(<i64 as ::core::convert::From<#number>>::from(#number::MAX))));
        }
        let calls = &self.calls;
        field.extend(quote!(#(#calls)*));
        if !self.has("required") && !self.has("default") {
            field = match (required, &self.kind) {
                (Required::No, _) => field,
                (Required::ByType, Some(_)) if inside_option(ty).is_some() => field,
                (Required::ByType, Some(_)) => quote!(#field.required()),
                (Required::ByType, None) => quote_spanned! {ty.span()=>
                    {
                        let field = #field;
                        if <#ty as #engine::ImportCell>::MAY_BE_EMPTY { field } else { field.required() }
                    }
                },
            };
        }
        match &self.with {
            Some(function) => quote!(#function(#field)),
            None => field,
        }
    }
}

/// The path of the engine, by default its own name.
pub(crate) fn engine(told: Option<&Path>) -> Path {
    told.cloned()
        .unwrap_or_else(|| syn::parse_quote!(::import_engine))
}

/// Whether a cell may be empty where nothing is said.
#[derive(Clone, Copy)]
pub(crate) enum Required {
    /// Unless the type is an `Option`.
    ByType,
    No,
}

fn unknown(name: &str) -> String {
    let words = || {
        let known = WORDS.iter().map(|word| word.name);
        PLAIN_KINDS.iter().chain(KINDS_OF).copied().chain(known)
    };
    let prefix = |known: &str| {
        let same = name.bytes().zip(known.bytes()).take_while(|(a, b)| a == b);
        same.count()
    };
    // A slip of the pen begins right more often than not.
    let near = words()
        .max_by_key(|known| prefix(known))
        .filter(|known| prefix(known) >= 3);
    if let Some(near) = near {
        return format!("there is no word `{name}`: is it `{near}`?");
    }
    let words: Vec<_> = words().collect();
    format!("there is no word `{name}`, but {}", words.join(", "))
}

fn value<'a>(
    meta: &ParseNestedMeta<'a>,
    name: &str,
    how: &str,
) -> syn::Result<syn::parse::ParseStream<'a>> {
    meta.value().map_err(|_| {
        let message = format!("`{name}` is written `{name} {how}`");
        syn::Error::new(meta.path.span(), message)
    })
}

/// Texts in brackets, at least one.
pub(crate) fn texts(
    meta: &ParseNestedMeta<'_>,
    name: &str,
) -> syn::Result<Punctuated<LitStr, Token![,]>> {
    let expected = || {
        let message = format!("`{name}` is written `{name}(\"one\", \"other\")`");
        syn::Error::new(meta.path.span(), message)
    };
    if !meta.input.peek(syn::token::Paren) {
        return Err(expected());
    }
    let content;
    syn::parenthesized!(content in meta.input);
    let texts = content.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,])?;
    if texts.is_empty() {
        return Err(expected());
    }
    Ok(texts)
}

/// What follows the name of the field in the constructor of its kind.
fn kind_arguments(meta: &ParseNestedMeta<'_>, kind: &str) -> syn::Result<TokenStream> {
    match kind {
        "choice" => {
            let words = texts(meta, kind)?;
            Ok(quote!(, [#words]))
        }
        "reference" => {
            let targets = texts(meta, kind)?;
            if targets.len() == 1 {
                Ok(quote!(, #targets))
            } else {
                let message = "a reference has one target";
                Err(syn::Error::new(targets.span(), message))
            }
        }
        "digits" => {
            let expected = || {
                let message = "`digits` is written `digits(16)` or `digits(10, 16)`";
                syn::Error::new(meta.path.span(), message)
            };
            if !meta.input.peek(syn::token::Paren) {
                return Err(expected());
            }
            let content;
            syn::parenthesized!(content in meta.input);
            let numbers: Punctuated<LitInt, Token![,]> =
                content.parse_terminated(<LitInt as syn::parse::Parse>::parse, Token![,])?;
            let numbers: Vec<_> = numbers.iter().collect();
            match numbers[..] {
                [digits] => Ok(quote!(, #digits, #digits)),
                [least, most]
                    if least.base10_parse::<usize>()? > most.base10_parse::<usize>()? =>
                {
                    let message = "no number has more digits than it may have";
                    Err(syn::Error::new(least.span(), message))
                }
                [least, most] => Ok(quote!(, #least, #most)),
                _ => Err(expected()),
            }
        }
        _ if meta.input.peek(Token![=]) || meta.input.peek(syn::token::Paren) => {
            Err(meta.error(format!("`{kind}` stands alone")))
        }
        _ => Ok(TokenStream::new()),
    }
}

/// The type in an `Option`, as far as its name shows one.
pub(crate) fn inside_option(ty: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
            arguments.args.iter().find_map(|argument| match argument {
                syn::GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// An integer type that holds less than a cell may.
fn small_number(ty: &syn::Type) -> Option<&syn::Ident> {
    const SMALL: &[&str] = &["i8", "i16", "i32", "u8", "u16", "u32"];
    let syn::Type::Path(path) = inside_option(ty).unwrap_or(ty) else {
        return None;
    };
    path.path
        .get_ident()
        .filter(|name| SMALL.iter().any(|small| *name == small))
}

/// Errors at several spans, reported together.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// The value, if there is one.
    pub(crate) fn note<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn or<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}
