//! The derive macros of `import-engine`: a struct says once what its columns are, and is what the rows become.
//!
//! What is wrong with an attribute is an error at that attribute, all of them at once. What only the finished schema shows, such as
//! an alias of two fields, is found by `build`.

mod cell;
mod names;
mod row;
mod words;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Implements `import_engine::ImportRow`: the schema of a struct's fields. The trait's documentation describes the attributes.
#[proc_macro_derive(ImportRow, attributes(import))]
pub fn import_row(input: TokenStream) -> TokenStream {
    expanded(input, row::expand)
}

/// Implements `import_engine::ImportCell` for an enum of words, or for a struct around one value. The trait's documentation
/// describes the attributes.
#[proc_macro_derive(ImportCell, attributes(import))]
pub fn import_cell(input: TokenStream) -> TokenStream {
    expanded(input, cell::expand)
}

fn expanded(
    input: TokenStream,
    expand: impl FnOnce(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    syn::parse(input)
        .and_then(|input| expand(&input))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

#[cfg(test)]
mod tests;
