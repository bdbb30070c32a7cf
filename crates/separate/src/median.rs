//! Medians along time and along frequency, many at once.

/// Values that a median is taken of, odd.
pub(crate) const WIDTH: usize = 17;
/// Medians that are found side by side; the compiler makes vector instructions of the inner loops.
const LANES: usize = 8;
/// The median of seventeen is known once nine have the smallest and the largest taken out as others come in.
const KEPT: usize = WIDTH / 2 + 2;

type Row = [f32; LANES];

/// Medians of `WIDTH` rows, lane by lane, by forgetting extremes: the smallest and the largest of half the values and two
/// more are not the median, so both go, one new value comes in, and so on until three are left.
fn medians(rows: &[Row; WIDTH]) -> Row {
    let mut held = [[0.0; LANES]; KEPT];
    held.copy_from_slice(&rows[..KEPT]);
    let mut count = KEPT;
    let mut next = KEPT;
    loop {
        for index in 1..count {
            order(&mut held, 0, index);
        }
        for index in 1..count - 1 {
            order(&mut held, index, count - 1);
        }
        if count == 3 {
            return held[1];
        }
        // Out with the first and the last, in with one more.
        held[0] = rows[next];
        count -= 1;
        next += 1;
    }
}

fn order(held: &mut [Row; KEPT], low: usize, high: usize) {
    let (a, b) = (held[low], held[high]);
    held[low] = std::array::from_fn(|lane| if a[lane] < b[lane] { a[lane] } else { b[lane] });
    held[high] = std::array::from_fn(|lane| if a[lane] < b[lane] { b[lane] } else { a[lane] });
}

/// Median of each value and its eight neighbours on both sides within its row; edges repeat. `out` is as long as `row`.
pub(crate) fn along_row(row: &[f32], out: &mut [f32]) {
    let half = WIDTH / 2;
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
    let mut padded = vec![*first; half];
    padded.extend_from_slice(row);
    padded.resize(row.len() + 2 * half + LANES, *last);
    for (number, outs) in out.chunks_mut(LANES).enumerate() {
        let rows = std::array::from_fn(|shift| {
            let from = number * LANES + shift;
            std::array::from_fn(|lane| padded[from + lane])
        });
        outs.copy_from_slice(&medians(&rows)[..outs.len()]);
    }
}

/// Median of each value of row `number` and those in the eight rows before and after it, on a circle of rows. Rows have a length that is a multiple of 8.
pub(crate) fn across_rows(rows: &[f32], num_values: usize, number: usize, out: &mut [f32]) {
    let num_rows = rows.len() / num_values;
    // As many rounds on top as keep the difference above nothing.
    let base = number + num_rows * WIDTH - WIDTH / 2;
    let numbers: [usize; WIDTH] = std::array::from_fn(|shift| (base + shift) % num_rows);
    for (place, outs) in out.chunks_exact_mut(LANES).enumerate() {
        let values = numbers.map(|row| {
            let from = row * num_values + place * LANES;
            std::array::from_fn(|lane| rows[from + lane])
        });
        outs.copy_from_slice(&medians(&values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * 7919 + 13) % 104_729) as f32 * 0.01).collect()
    }

    #[test]
    fn medians_along_a_row_are_those_of_sorting() {
        let row = noise(43);
        let mut out = vec![0.0; 43];
        along_row(&row, &mut out);
        for (number, found) in out.iter().enumerate() {
            let mut near: Vec<f32> = (0..WIDTH).map(|shift| row[(number + shift).saturating_sub(8).min(42)]).collect();
            near.sort_by(f32::total_cmp);
            assert_eq!(*found, near[8], "at {number}");
        }
    }

    #[test]
    fn medians_across_rows_go_round() {
        let (rows, mut out) = (noise(16 * 40), [0.0; 16]);
        for number in [0, 3, 39] {
            across_rows(&rows, 16, number, &mut out);
            for (column, found) in out.iter().enumerate() {
                let row = |shift: usize| (number + 4000 + shift - 8) % 40;
                let mut near: Vec<f32> = (0..WIDTH).map(|shift| rows[row(shift) * 16 + column]).collect();
                near.sort_by(f32::total_cmp);
                assert_eq!(*found, near[8], "row {number}, column {column}");
            }
        }
    }
}
