//! A struct with named fields: the schema whose rows become it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Fields, LitStr, Path, ext::IdentExt, parse_quote,
    punctuated::Punctuated, spanned::Spanned,
};

use crate::{
    names::{self, SerdeAttributes},
    words::{Errors, Required, Words, engine, texts},
};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        let message = "rows become structs: `ImportCell` is for an enum of words";
        return Err(syn::Error::new(input.ident.span(), message));
    };
    let Fields::Named(fields) = &data.fields else {
        let message = "a column needs a name: only structs with named fields have a schema";
        return Err(syn::Error::new(input.ident.span(), message));
    };
    let mut errors = Errors::default();
    let container = errors.note(Container::of(&input.attrs)).unwrap_or_default();
    let serde = SerdeAttributes::of(&input.attrs)?;
    let engine = container.engine();
    let mut calls = Vec::new();
    let mut known = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let own = SerdeAttributes::of(&field.attrs)?;
        let name = names::of_field(&own, serde.rename_all, ident);
        if !own.is_skipped {
            known.push(name.clone());
        }
        let Some(words) = errors.note(Words::of(&field.attrs)) else {
            continue;
        };
        if let Some(span) = own.flatten {
            let message = "a flattened struct hides its columns: name them here";
            errors.add(syn::Error::new(span, message));
        }
        if own.is_skipped {
            continue;
        }
        let required = if own.has_default || serde.has_default {
            Required::No
        } else {
            Required::ByType
        };
        let field = words.field(&engine, &quote!(#name), &field.ty, required);
        calls.push(quote!(.field(#field)));
    }
    if known.is_empty() {
        let message = "a schema has at least one column";
        errors.add(syn::Error::new(input.ident.span(), message));
    }
    for key in &container.keys {
        for field in key {
            if !known.contains(&field.value()) {
                let message = format!("there is no field '{}'", field.value());
                errors.add(syn::Error::new(field.span(), message));
            }
        }
        calls.push(quote!(.unique(#engine::fields::UniqueKey::on([#key]))));
    }
    let name = container.name.map_or_else(
        || names::snake(&input.ident.unraw().to_string()),
        |name| name.value(),
    );
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#engine::ImportCell));
    }
    let (generics, arguments, conditions) = generics.split_for_impl();
    let ident = &input.ident;
    errors.or(quote! {
        #[automatically_derived]
        impl #generics #engine::ImportRow for #ident #arguments #conditions {
            fn schema() -> #engine::fields::SchemaBuilder {
                #engine::Schema::builder(#name) #(#calls)*
            }
        }
    })
}

/// What is said of the struct itself.
#[derive(Default)]
pub(crate) struct Container {
    name: Option<LitStr>,
    engine: Option<Path>,
    keys: Vec<Punctuated<LitStr, syn::Token![,]>>,
}

impl Container {
    fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut container = Self::default();
        for attribute in attributes {
            if !attribute.path().is_ident("import") {
                continue;
            }
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    container.name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("crate") {
                    container.engine = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("unique") {
                    container.keys.push(texts(&meta, "unique")?);
                } else {
                    let message = "of a struct can be said `name = \"…\"`, `unique(\"…\", \"…\")` and `crate = path`";
                    return Err(syn::Error::new(meta.path.span(), message));
                }
                Ok(())
            })?;
        }
        Ok(container)
    }

    /// Where the engine is.
    fn engine(&self) -> Path {
        engine(self.engine.as_ref())
    }
}
