//! What the crate promises: every name that another crate can use, with its signature, against a file that is kept with the code. A
//! change of it is seen in a review, and decides which version comes next.
//!
//! `UPDATE_PUBLIC_API=1 cargo test -p import-engine --test public_api` writes the file again. The sources are read, not compiled, so that
//! it needs no nightly compiler: what macros make is not seen, except for the constants of codes.

#![expect(
    clippy::expect_used,
    reason = "the sources of this crate can be read and parsed"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, UseTree, Visibility};

#[test]
fn the_public_api_is_the_one_that_was_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = Sources::read(&root.join("src")).public();
    let kept = root.join("tests/public_api.txt");
    if env::var_os("UPDATE_PUBLIC_API").is_some() {
        fs::write(&kept, &found).expect("the file can be written");
        return;
    }
    let expected = fs::read_to_string(&kept).expect("the file is there");
    let gone: Vec<_> = lines_without(&expected, &found);
    let new: Vec<_> = lines_without(&found, &expected);
    assert!(
        gone.is_empty() && new.is_empty(),
        "the public API changed; if that is meant, note it in CHANGELOG.md and run this test with UPDATE_PUBLIC_API=1\n\
         gone:\n{}\nnew:\n{}",
        gone.join("\n"),
        new.join("\n")
    );
}

#[test]
fn the_root_has_few_names_and_each_name_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = Sources::read(&root.join("src")).exported();
    let at_root = names.keys().filter(|path| !path.contains("::")).count();
    assert!(at_root <= 24, "{at_root} names at the root");
    let mut places: BTreeMap<&(Module, String), Vec<&str>> = BTreeMap::new();
    for (path, item) in &names {
        places.entry(item).or_default().push(path);
    }
    let twice: Vec<_> = places.values().filter(|paths| paths.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

fn lines_without<'t>(of: &'t str, other: &str) -> Vec<&'t str> {
    let known: BTreeSet<_> = other.lines().collect();
    of.lines().filter(|line| !known.contains(line)).collect()
}

/// The path of a module below the crate.
type Module = Vec<String>;

/// All modules of the crate, parsed.
struct Sources(BTreeMap<Module, Vec<Item>>);

impl Sources {
    fn read(folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let mut folders = vec![(folder.to_owned(), Module::new())];
        while let Some((folder, parent)) = folders.pop() {
            let mut entries: Vec<PathBuf> = fs::read_dir(&folder)
                .expect("the folder can be read")
                .map(|entry| entry.expect("and its entries").path())
                .collect();
            entries.sort();
            for path in entries {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let mut module = parent.clone();
                if path.is_dir() {
                    module.push(name);
                    folders.push((path, module));
                    continue;
                }
                if name != "mod" && name != "lib" {
                    module.push(name);
                }
                let text = fs::read_to_string(&path).expect("is text");
                let file = syn::parse_file(&text).expect("is Rust");
                add(&mut modules, module, file.items);
            }
        }
        Self(modules)
    }

    /// Paths of what can be used from outside, with the module and name of their definition.
    fn exported(&self) -> BTreeMap<String, (Module, String)> {
        let mut names = BTreeMap::new();
        self.export(&Module::new(), "", &mut names);
        names
    }

    fn export(&self, module: &Module, path: &str, names: &mut BTreeMap<String, (Module, String)>) {
        for item in self.0.get(module).into_iter().flatten() {
            match item {
                Item::Mod(inner) if is_public(&inner.vis) => {
                    let mut below = module.clone();
                    below.push(inner.ident.to_string());
                    self.export(&below, &format!("{path}{}::", inner.ident), names);
                }
                Item::Use(tree) if is_public(&tree.vis) => {
                    for (name, target) in leaves(&tree.tree) {
                        if let Some(item) = self.resolve(module, &target) {
                            names.insert(format!("{path}{name}"), item);
                        }
                    }
                }
                item => {
                    if let Some((name, _)) = named(item) {
                        names.insert(format!("{path}{name}"), (module.clone(), name));
                    }
                }
            }
        }
    }

    /// The module and name of the definition that a path in a module means; `None` if it is of another crate.
    fn resolve(&self, module: &Module, path: &[String]) -> Option<(Module, String)> {
        let (first, rest) = path.split_first()?;
        let (mut at, rest) = match first.as_str() {
            "crate" => (Module::new(), rest),
            "self" => (module.clone(), rest),
            "super" => (module[..module.len().checked_sub(1)?].to_vec(), rest),
            _ => (module.clone(), path),
        };
        if rest.first().is_some_and(|step| step == "super") {
            return self.resolve(&at, rest);
        }
        let (name, steps) = rest.split_last()?;
        for step in steps {
            at.push(step.clone());
        }
        let items = self.0.get(&at)?;
        if items
            .iter()
            .any(|item| defined(item).is_some_and(|known| known == *name))
        {
            return Some((at, name.clone()));
        }
        items.iter().find_map(|item| match item {
            Item::Use(tree) => {
                let (_, target) = leaves(&tree.tree)
                    .into_iter()
                    .find(|(leaf, _)| leaf == name)?;
                (target != path).then(|| self.resolve(&at, &target))?
            }
            _ => None,
        })
    }

    /// One line for each name.
    fn public(&self) -> String {
        let mut lines = BTreeSet::new();
        let names = self.exported();
        let paths: BTreeMap<_, _> = names.iter().map(|(path, item)| (item, path)).collect();
        for (path, (module, name)) in &names {
            for item in &self.0[module] {
                match named(item) {
                    Some((known, attributes)) if known == *name => {
                        lines.extend(described(path, item, attributes));
                    }
                    _ => {}
                }
            }
        }
        for (module, items) in &self.0 {
            for item in items {
                let Item::Impl(block) = item else { continue };
                let Some(path) = self.path_of(module, &block.self_ty, &paths) else {
                    continue;
                };
                if let Some((of, _)) = &block.trait_ {
                    let of = code(of.segments.last().expect("a path has a last step"));
                    lines.insert(format!("{path}: {of}{}", only_with(&block.attrs)));
                    continue;
                }
                for item in &block.items {
                    let line = match item {
                        ImplItem::Fn(method) if is_public(&method.vis) => Some((
                            code(&method.sig).replace("(mut self", "(self"),
                            &method.attrs,
                        )),
                        ImplItem::Const(constant) if is_public(&constant.vis) => {
                            let text = format!("const {}: {}", constant.ident, code(&constant.ty));
                            Some((text, &constant.attrs))
                        }
                        _ => None,
                    };
                    if let Some((text, attributes)) = line {
                        let condition = only_with(attributes.iter().chain(&block.attrs));
                        lines.insert(format!("{path}::{text}{condition}"));
                    }
                }
            }
            constants(module, items, &names, &mut lines);
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn path_of<'p>(
        &self,
        module: &Module,
        ty: &syn::Type,
        paths: &BTreeMap<&(Module, String), &'p String>,
    ) -> Option<&'p String> {
        let syn::Type::Path(ty) = ty else { return None };
        let steps: Vec<_> = ty
            .path
            .segments
            .iter()
            .map(|step| step.ident.to_string())
            .collect();
        paths.get(&self.resolve(module, &steps)?).copied()
    }
}

/// The codes that a macro makes of `NAME = "word";`, beside the type that they are of.
fn constants(
    module: &Module,
    items: &[Item],
    names: &BTreeMap<String, (Module, String)>,
    lines: &mut BTreeSet<String>,
) {
    let here = names
        .iter()
        .find(|(path, (at, _))| at == module && path.ends_with("Code"));
    let Some((path, _)) = here else { return };
    for item in items {
        let Item::Macro(call) = item else { continue };
        if !call.mac.path.is_ident("codes") {
            continue;
        }
        let tokens: Vec<_> = call.mac.tokens.clone().into_iter().collect();
        for three in tokens.windows(3) {
            if let [name, equals, word] = three
                && equals.to_string() == "="
                && word.to_string().starts_with('"')
                && name
                    .to_string()
                    .chars()
                    .all(|letter| letter.is_ascii_uppercase() || letter == '_')
            {
                lines.insert(format!("{path}::const {name} = {word}"));
            }
        }
    }
}

/// A module with those inside it; tests are not read.
fn add(modules: &mut BTreeMap<Module, Vec<Item>>, module: Module, items: Vec<Item>) {
    for item in &items {
        if let Item::Mod(inner) = item
            && let Some((_, content)) = &inner.content
            && !is_test(&inner.attrs)
        {
            let mut below = module.clone();
            below.push(inner.ident.to_string());
            add(modules, below, content.clone());
        }
    }
    modules.insert(module, items);
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") && code(attribute).contains("test"))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Name and attributes of what is public here.
fn named(item: &Item) -> Option<(String, &[Attribute])> {
    let (visibility, ident, attributes) = match item {
        Item::Struct(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Type(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Const(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.sig.ident, &item.attrs),
        _ => return None,
    };
    is_public(visibility).then(|| (ident.to_string(), attributes.as_slice()))
}

/// The name of what is defined here, public or not.
fn defined(item: &Item) -> Option<String> {
    Some(match item {
        Item::Struct(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Const(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        _ => return None,
    })
}

/// The names that a `use` brings, with the paths that they mean.
fn leaves(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    match tree {
        UseTree::Path(path) => leaves(&path.tree)
            .into_iter()
            .map(|(name, mut target)| {
                target.insert(0, path.ident.to_string());
                (name, target)
            })
            .collect(),
        UseTree::Name(name) => vec![(name.ident.to_string(), vec![name.ident.to_string()])],
        UseTree::Rename(name) => vec![(name.rename.to_string(), vec![name.ident.to_string()])],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

fn described(path: &str, item: &Item, attributes: &[Attribute]) -> Vec<String> {
    let condition = only_with(attributes);
    let open = if attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
    {
        ", more to come"
    } else {
        ""
    };
    let mut lines = Vec::new();
    let mut fields = |owner: &str, fields: &Fields, all: bool| {
        for (place, field) in fields.iter().enumerate() {
            if all || is_public(&field.vis) {
                let name = field
                    .ident
                    .as_ref()
                    .map_or(place.to_string(), ToString::to_string);
                lines.push(format!("{owner}.{name}: {}", code(&field.ty)));
            }
        }
    };
    let head = match item {
        Item::Struct(item) => {
            fields(path, &item.fields, false);
            format!("struct {path}{}", code(&item.generics))
        }
        Item::Enum(item) => {
            for variant in &item.variants {
                fields(&format!("{path}::{}", variant.ident), &variant.fields, true);
            }
            let variants = item
                .variants
                .iter()
                .map(|variant| format!("{path}::{}", variant.ident));
            lines.extend(variants);
            format!("enum {path}{}", code(&item.generics))
        }
        Item::Trait(item) => {
            for item in &item.items {
                lines.push(match item {
                    TraitItem::Fn(method) => {
                        let given = method.default.as_ref().map_or("", |_| " (given)");
                        format!("{path}::{}{given}", code(&method.sig))
                    }
                    TraitItem::Const(constant) => {
                        format!("{path}::const {}: {}", constant.ident, code(&constant.ty))
                    }
                    TraitItem::Type(ty) => format!("{path}::type {}", ty.ident),
                    _ => continue,
                });
            }
            let bounds = code(&item.supertraits);
            format!("trait {path}{}: {bounds}", code(&item.generics))
        }
        Item::Type(item) => format!("type {path} = {}", code(&item.ty)),
        Item::Const(item) => format!("const {path}: {}", code(&item.ty)),
        Item::Fn(item) => format!("{path}: {}", code(&item.sig)),
        _ => return lines,
    };
    lines.push(format!("{head}{open}{condition}"));
    for attribute in attributes {
        lines.extend(derives(path, attribute));
    }
    lines
}

/// Traits that are derived, perhaps only with a feature.
fn derives(path: &str, attribute: &Attribute) -> Vec<String> {
    let text = code(attribute);
    let condition = if attribute.path().is_ident("cfg_attr") {
        only_with([attribute])
    } else if attribute.path().is_ident("derive") {
        String::new()
    } else {
        return Vec::new();
    };
    let lists = text.split("derive(").skip(1);
    let traits = lists
        .filter_map(|list| list.split_once(')'))
        .flat_map(|(list, _)| list.split(','));
    traits
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            format!(
                "{path}: {}{condition}",
                name.rsplit("::").next().unwrap_or(name)
            )
        })
        .collect()
}

/// The features without which something is not there.
fn only_with<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> String {
    let mut features = BTreeSet::new();
    for attribute in attributes {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            let text = code(attribute);
            let named = text.split("feature = \"").skip(1);
            features.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    if features.is_empty() {
        return String::new();
    }
    let features: Vec<_> = features.into_iter().collect();
    format!(" [{}]", features.join(", "))
}

/// Tokens as people write them, more or less: always the same.
fn code(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().replace('\n', " ");
    for (apart, together) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" > ", "> "),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" :", ":"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("' ", "'"),
        (" ;", ";"),
        (", )", ")"),
        (",)", ")"),
        ("->", " ->"),
        ("  ", " "),
        ("&'", "&'"),
        (" [ ", " ["),
        (" ]", "]"),
        ("- >", "->"),
    ] {
        text = text.replace(apart, together);
    }
    text.trim().to_owned()
}
