//! Which column a missing field may have meant. Only ever a suggestion.

/// Below this, likeness is chance.
pub(super) const LEAST_LIKENESS: f32 = 0.6;

/// How alike two texts are, from 0.6 to 1, by edits against length and by words in common; `None` below that. Case counts.
///
/// ```
/// assert!(import_engine::recognise::likeness("umroh ramadan", "umroh ramadhan").unwrap() > 0.9);
/// assert_eq!(import_engine::recognise::likeness("umroh", "haji"), None);
/// ```
#[must_use]
pub fn likeness(a: &str, b: &str) -> Option<f32> {
    let edits = edit_likeness(&a.replace(' ', ""), &b.replace(' ', ""));
    let best = edits.max(word_likeness(a, b));
    (best >= LEAST_LIKENESS).then_some(best)
}

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn edit_likeness(a: &str, b: &str) -> f32 {
    // A header is short; what is longer is text, and comparing it would cost its square.
    const LONGEST: usize = 64;
    let a: Vec<char> = a.chars().take(LONGEST + 1).collect();
    let b: Vec<char> = b.chars().take(LONGEST + 1).collect();
    let longer = a.len().max(b.len());
    if longer == 0 || longer > LONGEST || a.len().min(b.len()) < 3 {
        return 0.0;
    }
    1.0 - distance(&a, &b) as f32 / longer as f32
}

/// Insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut two_back = vec![0; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (back[j] + 1).min(row[j - 1] + 1).min(back[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(two_back[j - 2] + 1);
            }
        }
        std::mem::swap(&mut two_back, &mut back);
        std::mem::swap(&mut back, &mut row);
    }
    back[b.len()]
}

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn word_likeness(a: &str, b: &str) -> f32 {
    const MOST_WORDS: usize = 16;
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    if a.len().max(b.len()) > MOST_WORDS {
        return 0.0;
    }
    let common = a
        .iter()
        .filter(|word| word.len() > 2 && b.contains(word))
        .count();
    2.0 * common as f32 / (a.len() + b.len()) as f32
}
