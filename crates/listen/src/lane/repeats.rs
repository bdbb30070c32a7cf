//! Finds after how many bars a player repeats himself.
use super::steps::Known;

/// Longest repetition looked for.
const MAX_BARS: usize = 32;
/// A repetition of these lengths is believed as soon as one chord of the second pass fits; of others, when two bars
/// fit. In a tie the earlier one wins: four bars are likelier than three.
const USUAL_BARS: [usize; 6] = [4, 8, 2, 16, 12, 1];

/// A repetition that nothing played so far contradicts is worth as much as this many bars that fit.
const UNCONTRADICTED_BARS: usize = 6;

/// The number of bars after which what was played comes again, `None` if nothing does. `cells` are equal parts of
/// beats up to now, `per_bar` of them to a bar. Counts how far back each number of bars fits.
pub(crate) fn period(cells: &[Known], per_bar: usize) -> Option<usize> {
    let candidates = USUAL_BARS.into_iter().chain((1..=MAX_BARS).filter(|bars| !USUAL_BARS.contains(bars)));
    let mut best: Option<(usize, usize)> = None;
    for bars in candidates {
        let lag = bars * per_bar;
        if lag >= cells.len() {
            continue;
        }
        let num_fitting = fitting(cells, lag, per_bar);
        let is_uncontradicted = num_fitting + lag >= cells.len();
        let is_early = is_uncontradicted && USUAL_BARS.contains(&bars);
        if num_fitting == 0 || (!is_early && num_fitting < 2 * per_bar) {
            continue;
        }
        let score = num_fitting + if is_uncontradicted { UNCONTRADICTED_BARS * per_bar } else { 0 };
        if best.is_none_or(|(_, most)| score > most) {
            best = Some((bars, score));
        }
    }
    best.map(|(bars, _)| bars)
}

/// Cells, counted back from now, that are like those `lag` cells earlier. One odd cell in a bar is forgiven, but not
/// the newest.
fn fitting(cells: &[Known], lag: usize, per_bar: usize) -> usize {
    let mut last_odd: Option<usize> = None;
    for back in 0..cells.len() - lag {
        let now = cells.len() - 1 - back;
        if is_alike(cells[now], cells[now - lag]) {
            continue;
        }
        if back == 0 || per_bar < 4 || last_odd.is_some_and(|odd| back - odd < per_bar) {
            // The forgiven one just before was the beginning of the end.
            return last_odd.filter(|odd| back - odd == 1).unwrap_or(back);
        }
        last_odd = Some(back);
    }
    cells.len() - lag
}

/// The same root, and minor or not: what a recogniser adds above that differs from pass to pass.
fn is_alike(a: Known, b: Known) -> bool {
    match (a, b) {
        (Known::Chord(Some(a)), Known::Chord(Some(b))) => {
            a.root == b.root && a.quality.is_minor() == b.quality.is_minor()
        }
        (Known::Chord(None), Known::Chord(None)) => true,
        _ => false,
    }
}
