//! Names close to a mistyped one.

/// Ids worth naming to somebody who typed `wanted`, best first, three at most.
pub(crate) fn nearest<'a>(wanted: &str, ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<_> = ids.map(|id| (likeness(wanted, id), id)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, id)| id).take(3).collect()
}

/// 1.0 is the same; a whole word of the id counts as much as a small slip.
fn likeness(wanted: &str, id: &str) -> f64 {
    let words = id.split('_').map(|word| 0.9 * strsim::jaro_winkler(wanted, word));
    words.fold(strsim::jaro_winkler(wanted, id), f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_halves_of_names_find_their_style() {
        for (typed, meant) in
            [("deep_hose", "deep_house"), ("house", "deep_house"), ("jaz", "jazz"), ("dnb", "jungle_dnb")]
        {
            let ids = take::BUILT_IN_STYLES.iter().map(|(id, _)| *id);
            assert_eq!(nearest(typed, ids)[0], meant);
        }
    }
}
