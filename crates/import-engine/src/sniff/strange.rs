//! How strange a table's first row is among its rows, where the kinds of cells do not decide: lengths, capitals, digits, spaces and
//! letters beyond ASCII of each column, against how much any row differs from the others. A header differs more.

use super::{
    header::Row,
    judge::ratio,
    kind::{GROUPS, Kind},
};
use crate::text::weight::weights;

/// Small discrete features of a cell, each below [`VALUES`].
/// As often as something was seen that was not: nothing is impossible.
const UNSEEN: f32 = 0.3;

weights! { f32;
    /// What rows differ by chance, the more the more columns there are.
    BY_CHANCE = 0.3, off 0.0;
}

const FEATURES: usize = 6;
const VALUES: usize = 12;

fn features(cell: &[u8], kind: Kind) -> [usize; FEATURES] {
    let cell = cell.trim_ascii();
    let (mut small, mut capital, mut digits, mut spaces, mut others, mut foreign) =
        (0usize, 0usize, 0usize, 0usize, 0usize, 0usize);
    for b in cell {
        match b {
            b'a'..=b'z' => small += 1,
            b'A'..=b'Z' => capital += 1,
            b'0'..=b'9' => digits += 1,
            b' ' => spaces += 1,
            0x80.. => foreign += 1,
            _ => others += 1,
        }
    }
    let first_capital = cell.first().is_some_and(u8::is_ascii_uppercase);
    let case = match (small > 0, capital) {
        (false, 0) => 0,
        (false, _) => 1,
        (true, 0) => 2,
        (true, 1) if first_capital => 3,
        (true, _) if first_capital => 4,
        (true, _) => 5,
    };
    let length = (usize::BITS - cell.len().leading_zeros()) as usize;
    [
        kind.group().min(GROUPS),
        length.min(VALUES - 1),
        case,
        spaces.min(4),
        if digits == 0 {
            0
        } else {
            1 + digits.min(6) / 3
        },
        usize::from(foreign > 0) * 4 + others.min(3),
    ]
}

/// Standard deviations by which `first` differs from `body` more than the rows of `body` from each other.
pub(super) fn strangeness(first: &Row<'_>, body: &[&Row<'_>], columns: usize) -> f32 {
    let mut counts = vec![[[0u16; VALUES]; FEATURES]; columns];
    let rows: Vec<Vec<[usize; FEATURES]>> = body
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .zip(&row.kinds)
                .take(columns)
                .map(|(cell, kind)| features(cell, *kind))
                .collect()
        })
        .collect();
    for row in &rows {
        for (column, found) in row.iter().enumerate() {
            for (feature, &value) in found.iter().enumerate() {
                counts[column][feature][value] += 1;
            }
        }
    }
    let n = body.len();
    // A row of the body is judged by the others, not by itself.
    let surprise = |row: &[[usize; FEATURES]], itself: u16| -> f32 {
        let others = ratio(n - usize::from(itself), 1);
        let mut sum = 0.0;
        for (column, found) in row.iter().enumerate() {
            for (feature, &value) in found.iter().enumerate() {
                let count = f32::from(counts[column][feature][value] - itself);
                sum -= ((count + UNSEEN) / (others + 1.0)).ln();
            }
        }
        sum
    };
    let sums: Vec<f32> = rows.iter().map(|row| surprise(row, 1)).collect();
    let mean = sums.iter().sum::<f32>() / ratio(n, 1);
    let variance = sums.iter().map(|s| (s - mean).powi(2)).sum::<f32>() / ratio(n, 1);
    let head: Vec<[usize; FEATURES]> = first
        .cells
        .iter()
        .zip(&first.kinds)
        .take(columns)
        .map(|(cell, kind)| features(cell, *kind))
        .collect();
    (surprise(&head, 0) - mean)
        / (variance.sqrt() + 1.0 + BY_CHANCE.worth() * ratio(columns, 1).sqrt())
}
