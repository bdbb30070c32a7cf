//! Names close to a mistyped one.
use crate::failure::Failure;

/// A style's id as people type it: any case, with spaces or `-`.
pub(crate) fn as_id(typed: &str) -> String {
    typed.trim().to_lowercase().replace([' ', '-'], "_")
}

/// No style is called `given`. One that is there but broken is worth its own sentence.
pub(crate) fn no_such_style<'a>(given: &str, ids: impl Iterator<Item = &'a str>, problems: &[String]) -> Failure {
    let wanted = as_id(given);
    let names_file = |problem: &&String| [given, &wanted].iter().any(|id| problem.contains(&format!("{id}.toml")));
    if let Some(problem) = problems.iter().find(names_file) {
        return Failure::Usage(problem.clone());
    }
    let near = nearest(&wanted, ids).join(", ");
    Failure::Usage(format!("there is no style `{given}`; the nearest are {near} (generate --list-styles shows all)"))
}

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
