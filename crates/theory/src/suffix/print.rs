//! Chord suffixes printed.
use super::parse;
use crate::quality::Quality;

/// Prints any quality so that [`parse`] gives it back.
pub(crate) fn print(quality: Quality) -> String {
    match quality {
        Quality::Altered => return "7alt".into(),
        Quality::Power => return "5".into(),
        Quality::NineSus4 => return "9sus4".into(),
        Quality::Diminished => return "dim".into(),
        Quality::Augmented => return "aug".into(),
        _ => {}
    }
    let (base, told) = base(quality);
    let changes = changes(quality, told);
    let needs_brackets =
        changes.len() > 1 || base.is_empty() && changes.first().is_some_and(|c| c.starts_with(['b', '#']));
    if needs_brackets { format!("{base}({})", changes.join(",")) } else { base + &changes.concat() }
}

/// Kind, number and suspension, and the quality that they alone would read as.
fn base(quality: Quality) -> (String, Quality) {
    let is_minor = quality.has(3);
    let is_diminished = quality.seventh() == Some(9);
    let kind = match (is_minor, quality.has(11)) {
        _ if is_diminished => "dim",
        (true, true) => "mMaj",
        (true, false) => "m",
        (false, true) => "maj",
        (false, false) => "",
    };
    let suspension = match (quality.has(2), quality.has(5)) {
        (true, true) => "sus24",
        (true, false) => "sus2",
        (false, true) => "sus4",
        (false, false) => "",
    };
    let base = format!("{kind}{}{suspension}", number_of(quality, is_diminished));
    let told = parse(&base).unwrap_or(Quality::Major);
    (base, told)
}

fn number_of(quality: Quality, is_diminished: bool) -> &'static str {
    let has_seventh = quality.has(10) || quality.has(11) || is_diminished;
    let has_ninth = [13, 14, 15].into_iter().any(|ninth| quality.has(ninth));
    match () {
        () if has_seventh && quality.has(21) && has_ninth => "13",
        () if has_seventh && quality.has(14) && quality.has(17) && (quality.has(3) || quality.has(11)) => "11",
        () if has_seventh && quality.has(14) => "9",
        () if has_seventh => "7",
        () if quality.has(9) && quality.has(14) => "6/9",
        () if quality.has(9) => "6",
        () => "",
    }
}

/// What has to be said after a base that reads as `told`.
fn changes(quality: Quality, told: Quality) -> Vec<&'static str> {
    let mut changes = Vec::new();
    let mut say = |is_said: bool, word| {
        if is_said {
            changes.push(word);
        }
    };
    say(!quality.has(7) && quality.has(6) && told.has(7), "b5");
    say(!quality.has(7) && quality.has(8), "#5");
    // Over a seventh an altered tone takes the place of the plain one, which is then said again, last.
    let seventh = quality.seventh().is_some();
    let is_ninth_altered = quality.has(13) || quality.has(15);
    say(quality.has(13), if seventh { "b9" } else { "addb9" });
    say(quality.has(15), if seventh { "#9" } else { "add#9" });
    say(quality.has(18), if seventh { "#11" } else { "add#11" });
    say(quality.has(20), if seventh { "b13" } else { "addb13" });
    say(quality.has(9) && !told.has(9), "add6");
    say(quality.has(14) && (!told.has(14) || seventh && is_ninth_altered), "add9");
    say(quality.has(17) && (!told.has(17) || seventh && quality.has(18)), "add11");
    say(quality.has(21) && (!told.has(21) || seventh && quality.has(20)), "add13");
    say(![2, 3, 4, 5].into_iter().any(|third| quality.has(third)), "no3");
    say(![6, 7, 8].into_iter().any(|fifth| quality.has(fifth)), "no5");
    changes
}
