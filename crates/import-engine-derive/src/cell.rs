//! What one cell becomes: an enum of words, or a struct around one value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, LitStr, Path};

use crate::{
    names::{self, SerdeAttributes},
    words::{Errors, Required, Words, engine, texts},
};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let (engine, field) = match &input.data {
        Data::Enum(data) => {
            let engine = engine_of_choice(&input.attrs)?;
            let field = choice(&engine, input, data)?;
            (engine, field)
        }
        Data::Struct(data) => {
            let Fields::Unnamed(fields) = &data.fields else {
                return Err(of_one_value(input));
            };
            let mut inner = fields.unnamed.iter();
            let (Some(only), None) = (inner.next(), inner.next()) else {
                return Err(of_one_value(input));
            };
            let words = Words::of_type(&input.attrs)?;
            let engine = words.engine();
            words.refuse(
                "required",
                "whether a cell may be empty is said where the type is used",
            )?;
            let field = words.field(&engine, &quote!(name), &only.ty, Required::No);
            (engine, field)
        }
        Data::Union(_) => return Err(of_one_value(input)),
    };
    let ident = &input.ident;
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #engine::ImportCell for #ident #arguments #conditions {
            fn field(name: &str) -> #engine::Field {
                #field
            }
        }
    })
}

/// Where the engine is: all that an enum says.
fn engine_of_choice(attributes: &[Attribute]) -> syn::Result<Path> {
    let mut told = None;
    for attribute in attributes {
        if !attribute.path().is_ident("import") {
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                told = Some(meta.value()?.parse()?);
                return Ok(());
            }
            let message = "of an enum can be said `crate = path`: its variants are the words";
            Err(syn::Error::new_spanned(&meta.path, message))
        })?;
    }
    Ok(engine(told.as_ref()))
}

fn of_one_value(input: &DeriveInput) -> syn::Error {
    let message = "a cell becomes an enum without data, or a struct around one value";
    syn::Error::new(input.ident.span(), message)
}

fn choice(engine: &Path, input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let serde = SerdeAttributes::of(&input.attrs)?;
    let mut errors = Errors::default();
    let mut words = Vec::new();
    let mut aliases = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message = "a word has no data";
            errors.add(syn::Error::new_spanned(&variant.fields, message));
        }
        let own = SerdeAttributes::of(&variant.attrs)?;
        if own.is_skipped {
            continue;
        }
        let word = names::of_variant(&own, serde.rename_all, &variant.ident);
        let spellings = errors.note(spellings(&variant.attrs)).unwrap_or_default();
        if !spellings.is_empty() {
            aliases.push(quote!(.choice_aliases(#word, [#(#spellings),*])));
        }
        words.push(word);
    }
    if words.is_empty() {
        let message = "a choice has at least one word";
        errors.add(syn::Error::new(input.ident.span(), message));
    }
    errors.or(quote!(#engine::Field::choice(name, [#(#words),*]) #(#aliases)*))
}

/// What else a word is called.
fn spellings(attributes: &[Attribute]) -> syn::Result<Vec<LitStr>> {
    let mut spellings = Vec::new();
    for attribute in attributes {
        if !attribute.path().is_ident("import") {
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("alias") {
                spellings.push(meta.value()?.parse()?);
            } else if meta.path.is_ident("aliases") {
                spellings.extend(texts(&meta, "aliases")?);
            } else {
                let message = "of a word can be said `alias = \"…\"` and `aliases(\"…\", \"…\")`";
                return Err(syn::Error::new_spanned(&meta.path, message));
            }
            Ok(())
        })?;
    }
    Ok(spellings)
}
