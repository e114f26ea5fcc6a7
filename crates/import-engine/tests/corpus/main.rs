//! The corpus of recognition: generated files with known truth, and handwritten ones, scored by set. Run
//! `cargo test -p import-engine --test corpus -- --nocapture` to see the scores and what was taken for what;
//! `CORPUS_FILES=2000` sets the number of files in each set, `CORPUS_SEED=7` another corpus, `CORPUS_SHOW=1` prints every miss.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "scores are printed; the truth is known"
)]

#[path = "sets.rs"]
mod sets;

use sets::{SETS, rng::Rng, score::Score};

/// Whatever a file is, the schema that is proposed from it can be built, and refuses few of its cells.
#[cfg(feature = "serde")]
#[test]
fn proposals_read_the_files_that_they_are_made_of() {
    use import_engine::{
        Locale, Plan,
        issues::IssueKind,
        recognise::{Mapping, Sniffer, infer_schema},
        rules::Severity,
    };

    let count = setting("CORPUS_FILES", 20);
    let seed = setting("CORPUS_SEED", 1) as u64;
    for (index, (name, generate, _)) in SETS.into_iter().enumerate() {
        let mut rng = Rng::new(seed * 1000 + index as u64);
        let files = std::iter::from_fn(|| Some(generate(&mut rng)));
        for file in files.flatten().take(count) {
            let bytes = file.bytes.as_slice();
            let Ok(dialect) = Sniffer::new().sniff(bytes) else {
                continue;
            };
            let Ok(spec) = infer_schema("file", &Locale::INDONESIAN, &dialect, bytes) else {
                // Its header is damaged or changes: that is what an import of it would say.
                continue;
            };
            let builder = spec.builder().unwrap().locale(Locale::INDONESIAN);
            let schema = builder.build().unwrap();
            let headers = match dialect.header_row {
                Some(_) => dialect.headers.clone(),
                None => vec![String::new(); dialect.columns],
            };
            let fields = spec.fields.iter().map(|field| field.name.as_str());
            let mapping = Mapping::by_position(&schema, &headers, fields).unwrap();
            let plan = Plan::new(schema, dialect, mapping).surveyed(bytes).unwrap();
            let (batches, summary) = plan.import(bytes).collect().unwrap();
            for field in &spec.fields {
                let issues = batches.iter().flat_map(import_engine::Batch::issues);
                let refused = issues.filter(|issue| {
                    issue.severity == Severity::Error
                        && issue.kind != IssueKind::Duplicate
                        && issue.field() == Some(field.name.as_str())
                });
                let refused = refused.count() as u64;
                assert!(
                    refused * 20 <= summary.records,
                    "{name} {}: {refused} of {} refused by {field:?}",
                    file.name,
                    summary.records
                );
            }
        }
    }
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(default)
}

#[test]
fn recognises_the_generated_corpus() {
    let count = setting("CORPUS_FILES", 200);
    let seed = setting("CORPUS_SEED", 1) as u64;
    let mut all = Score::default();
    let mut falling_short = Vec::new();
    println!("{}", Score::HEADINGS);
    for (index, (name, generate, least)) in SETS.into_iter().enumerate() {
        let mut rng = Rng::new(seed * 1000 + index as u64);
        let mut score = Score::default();
        while score.files() < count {
            if let Some(file) = generate(&mut rng) {
                score.judge(&file);
            }
        }
        println!("{}", score.line(name));
        for (what, (reached, least)) in ["dialect", "header", "encoding"]
            .iter()
            .zip(score.shares().into_iter().zip(least))
        {
            if reached < least {
                falling_short.push(format!("{name}: {what} {reached:.1} < {least}"));
            }
        }
        all.add(&score);
    }
    println!("{}\n{}", all.line("all"), all.confusion());
    assert!(falling_short.is_empty(), "{falling_short:#?}");
}
