//! The rooms of the crate, its folders and files under `src/`: who knows whom. Each room knows those below it, and no two files know
//! each other, so that each can be read and changed without those above.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::Item;

/// From the lowest to the highest.
const ROOMS: &[&str] = &[
    "issue", "error", "value", "text", "csv", "sniff", "schema", "mapping", "check", "import",
    "report", "sheet",
];

/// The path of a module below the crate.
type Module = Vec<String>;

/// A file, and the files whose names it uses.
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The module of a file, by its path below `src/`.
fn module_of(file: &Path) -> Module {
    let mut module: Module = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    module.pop_if(|name| name == "mod" || name == "lib");
    module
}

fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        attribute.path().is_ident("cfg") && text.contains("test")
    })
}

/// The code of a file as words, without tests. The modules inside of it count as the file itself.
fn words(items: Vec<Item>, depth: usize, found: &mut Vec<String>) {
    for item in items {
        if is_test(&item) {
            continue;
        }
        if let Item::Mod(inner) = item {
            if let Some((_, content)) = inner.content {
                words(content, depth + 1, found);
            }
            continue;
        }
        let text = item.to_token_stream().to_string();
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        // What is above an inner module is the file itself.
        for _ in 0..depth {
            words.retain(|word| word != "super");
        }
        found.extend(words);
    }
}

fn is_name(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Reads the path at this word, and those of its group if it has one. Returns the next word.
fn follow(
    words: &[String],
    mut at: usize,
    before: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match words.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at = follow(words, at, &path, found);
                    at += usize::from(words.get(at).is_some_and(|word| word == ","));
                }
                return at + 1;
            }
            Some(word) if is_name(word) => path.push(word.to_owned()),
            // `*`, or a generic parameter.
            _ => {
                found.push(path);
                return at + 1;
            }
        }
        at += 1;
        if words.get(at).is_none_or(|word| word != "::") {
            found.push(path);
            // A name that is renamed.
            let is_renamed = words.get(at).is_some_and(|word| word == "as");
            return at + 2 * usize::from(is_renamed);
        }
        at += 1;
    }
}

/// The files whose names a file uses.
fn known(module: &Module, source: &str, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
    let mut code = Vec::new();
    words(
        syn::parse_file(source).expect("is Rust").items,
        0,
        &mut code,
    );
    let mut paths = Vec::new();
    for (at, word) in code.iter().enumerate() {
        let goes_on = code.get(at + 1).is_some_and(|next| next == "::");
        let begins = at == 0 || code[at - 1] != "::";
        let mut child = module.clone();
        child.push(word.clone());
        if goes_on && begins && (word == "crate" || word == "super" || modules.contains(&child)) {
            follow(&code, at, &[], &mut paths);
        }
    }
    let mut others = BTreeSet::new();
    for path in paths {
        let mut full = module.clone();
        for step in path {
            match step.as_str() {
                "crate" => full.clear(),
                "super" => {
                    full.pop();
                }
                _ => full.push(step),
            }
        }
        let name = full.join("::");
        while !full.is_empty() && !modules.contains(&full) {
            full.pop();
        }
        assert!(
            !full.is_empty(),
            "{} takes '{name}' from the root: take it from its room",
            module.join("::")
        );
        if full != *module {
            others.insert(full);
        }
    }
    others
}

fn arrows() -> Arrows {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&sources, &mut paths);
    let inside = |path: &Path| module_of(path.strip_prefix(&sources).expect("inside"));
    let modules: BTreeSet<Module> = paths.iter().map(|path| inside(path)).collect();
    let below_root = paths.iter().filter(|path| !inside(path).is_empty());
    below_root
        .map(|path| {
            let source = fs::read_to_string(path).expect("a source");
            let module = inside(path);
            let known = known(&module, &source, &modules);
            (module, known)
        })
        .collect()
}

#[test]
fn each_room_knows_those_below_it() {
    let place = |room: &str| {
        let found = ROOMS.iter().position(|known| *known == room);
        found.unwrap_or_else(|| panic!("'{room}' is not among the rooms: say where it stands"))
    };
    let mut up = BTreeSet::new();
    let mut between = BTreeSet::new();
    for (file, others) in arrows() {
        for other in others {
            if place(&other[0]) > place(&file[0]) {
                up.insert((file.join("::"), other.join("::")));
            }
            if other[0] != file[0] {
                between.insert((file[0].clone(), other[0].clone()));
            }
        }
    }
    assert!(up.is_empty(), "arrows go up: {up:#?}");
    assert!(
        between.len() > 40,
        "only {} arrows were read",
        between.len()
    );
}

#[test]
fn no_files_know_each_other() {
    let mut arrows = arrows();
    let all: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(all > 150, "only {all} arrows were read");
    // A file that knows none of those that are left, or that none of them knows, is in no circle.
    loop {
        let before = arrows.len();
        let left: BTreeSet<Module> = arrows.keys().cloned().collect();
        for others in arrows.values_mut() {
            others.retain(|other| left.contains(other));
        }
        let known: BTreeSet<Module> = arrows.values().flatten().cloned().collect();
        arrows.retain(|file, others| !others.is_empty() && known.contains(file));
        if arrows.len() == before {
            break;
        }
    }
    let circle: Vec<String> = arrows
        .iter()
        .flat_map(|(file, others)| others.iter().map(move |other| (file, other)))
        .map(|(file, other)| format!("{} -> {}", file.join("::"), other.join("::")))
        .collect();
    assert!(circle.is_empty(), "files know each other: {circle:#?}");
}
