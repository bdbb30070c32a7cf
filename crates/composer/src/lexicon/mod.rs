//! Understands the words of a prompt.
//!
//! Word by word, no grammar beyond clauses: an adjective belongs to the next instrument of its clause, else to the one
//! before, else to the whole band.
mod complete;
mod data;

pub use complete::complete_prompt;
pub use data::instrument_program;
use data::{LEXICON, MAX_PHRASE_WORDS, Meaning, Word, apply, set_dial};
use take::{Bpm, Hints, PartKind, Scale};

/// What a prompt asks for. Words it does not know are listed in `unknown`; it never fails.
pub fn understand(prompt: &str) -> Hints {
    let mut hints = Hints::default();
    for clause in prompt.split([',', ';', '.', '!', '?', '\n', '(', ')', ':']) {
        let tokens = tokens(clause);
        let items = items(&tokens, &mut hints);
        settle(&items, &mut hints);
    }
    hints
}

/// A word as written and in lower case.
struct Token {
    written: String,
    small: String,
}

fn tokens(clause: &str) -> Vec<Token> {
    let is_edge = |c: char| !c.is_alphanumeric() && c != '#' && c != '♯' && c != '♭' && c != '&' && c != '+';
    let words = clause.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '/'));
    let words = words.map(|word| word.trim_matches(is_edge)).filter(|word| !word.is_empty()).take(500);
    words.map(|word| Token { written: word.to_owned(), small: word.to_lowercase().replace('\'', "") }).collect()
}

/// Words with a bearing on parts, in their order.
enum Item {
    Noun {
        kind: PartKind,
        instrument: Option<String>,
        is_negated: bool,
        is_only: bool,
    },
    Wish {
        word: &'static Word,
        strength: f32,
    },
    /// "and": the next words may belong to somebody else.
    And,
}

/// What the words before say about the next one.
struct Pending {
    is_negated: bool,
    is_only: bool,
    strength: f32,
}

impl Pending {
    const NONE: Pending = Pending { is_negated: false, is_only: false, strength: 1.0 };
}

fn items(tokens: &[Token], hints: &mut Hints) -> Vec<Item> {
    let mut items = Vec::new();
    let mut pending = Pending::NONE;
    let mut at = 0;
    let mut last_noun_negated = false;
    while at < tokens.len() {
        if let Some(used) = tempo(&tokens[at..], hints).or_else(|| key(tokens, at, hints)) {
            at += used;
            continue;
        }
        let small = tokens[at].small.as_str();
        if matches!(small, "and" | "&" | "+" | "plus") {
            items.push(Item::And);
            at += 1;
            continue;
        }
        if matches!(small, "or" | "nor") {
            pending.is_negated = last_noun_negated;
            at += 1;
            continue;
        }
        let Some((meaning, used)) = longest(&tokens[at..]) else {
            if small.parse::<f64>().is_err() && !hints.unknown.contains(&tokens[at].written) {
                hints.unknown.push(tokens[at].written.clone());
            }
            at += 1;
            continue;
        };
        at += used;
        match meaning {
            Meaning::Nothing => {}
            Meaning::Negation => pending.is_negated = true,
            Meaning::Only => pending.is_only = true,
            Meaning::Strength(by) => pending.strength *= by,
            Meaning::Scale { after_tonic_only: true, .. } => {}
            Meaning::Scale { scale, .. } => hints.scale = Some(*scale),
            Meaning::Tempo(bpm) => hints.tempo = Bpm::new(*bpm).ok().or(hints.tempo),
            Meaning::Part(kind) => {
                let before = std::mem::replace(&mut pending, Pending::NONE);
                last_noun_negated = before.is_negated;
                items.push(Item::Noun {
                    kind: *kind,
                    instrument: None,
                    is_negated: before.is_negated,
                    is_only: before.is_only,
                });
            }
            Meaning::Instrument(named) => {
                let before = std::mem::replace(&mut pending, Pending::NONE);
                last_noun_negated = before.is_negated;
                let instrument = Some(named.id.clone());
                items.push(Item::Noun {
                    kind: named.part,
                    instrument,
                    is_negated: before.is_negated,
                    is_only: before.is_only,
                });
            }
            Meaning::Word(word) => {
                // "no distorted guitar" takes the guitar away, "no reverb" the reverb.
                let noun_follows = longest(&tokens[at..])
                    .is_some_and(|(next, _)| matches!(next, Meaning::Part(_) | Meaning::Instrument(_)));
                if pending.is_negated && noun_follows {
                    continue;
                }
                let is_only = pending.is_only;
                let before = std::mem::replace(&mut pending, Pending { is_only, ..Pending::NONE });
                let sign = if before.is_negated { -1.0 } else { 1.0 };
                items.push(Item::Wish { word, strength: before.strength * sign });
            }
        }
    }
    items
}

/// The meaning of the longest known phrase that begins here, and its number of words. Plurals count as singulars.
fn longest(tokens: &[Token]) -> Option<(&'static Meaning, usize)> {
    (1..=MAX_PHRASE_WORDS.min(tokens.len())).rev().find_map(|count| {
        let phrase = tokens[..count].iter().map(|token| token.small.as_str()).collect::<Vec<_>>().join(" ");
        let found = LEXICON.get(&phrase).or_else(|| LEXICON.get(phrase.strip_suffix("es")?));
        found.or_else(|| LEXICON.get(phrase.strip_suffix('s')?)).map(|meaning| (meaning, count))
    })
}

/// "90 bpm", "90bpm", "bpm 90", "tempo 90", "at 90".
fn tempo(tokens: &[Token], hints: &mut Hints) -> Option<usize> {
    let number = |index: usize| tokens.get(index)?.small.parse::<f64>().ok();
    let is =
        |index: usize, words: &[&str]| tokens.get(index).is_some_and(|token| words.contains(&token.small.as_str()));
    let joined = tokens[0].small.strip_suffix("bpm").and_then(|digits| digits.parse::<f64>().ok());
    let (bpm, used) = if let Some(bpm) = joined {
        (bpm, 1)
    } else if is(1, &["bpm"]) {
        (number(0)?, 2)
    } else if is(0, &["bpm", "tempo", "at"]) {
        let used = if is(2, &["bpm"]) { 3 } else { 2 };
        (number(1)?, used)
    } else {
        return None;
    };
    hints.tempo = Bpm::new(bpm).ok().or(hints.tempo);
    Some(used)
}

/// "in C minor", "F# dorian", "Am", "key of Eb", "f sharp minor". A lone letter is a key only where it must be.
fn key(tokens: &[Token], at: usize, hints: &mut Hints) -> Option<usize> {
    let token = &tokens[at];
    let (name, rest) = theory::parse_note_name(&token.written)?;
    let by_suffix = match rest {
        "" => None,
        "m" | "min" => Some(Scale::Minor),
        "maj" => Some(Scale::Major),
        _ => return None,
    };
    let mut used = 1;
    let sign = tokens.get(at + 1).map(|next| next.small.as_str());
    let shift = match sign {
        Some("sharp") => 1,
        Some("flat") => -1,
        _ => 0,
    };
    used += usize::from(shift != 0);
    let scale = longest(&tokens[at + used..]).and_then(|(meaning, words)| match meaning {
        Meaning::Scale { scale, .. } => Some((*scale, words)),
        _ => None,
    });
    let is_capital = token.written.starts_with(|c: char| c.is_ascii_uppercase());
    let before = at.checked_sub(1).map(|index| tokens[index].small.as_str());
    let is_asked = matches!(before, Some("in" | "key" | "of" | "to")) && (is_capital || token.small != "a");
    let has_sign = shift != 0 || token.written.len() > 1 && rest.len() < token.written.len() - 1;
    let is_key = scale.is_some()
        || (is_asked && is_capital)
        || (is_asked && before == Some("of"))
        || (is_capital && (has_sign || by_suffix.is_some()));
    if !is_key {
        return None;
    }
    hints.key = Some(take::PitchClass::new(i32::from(name.pitch().get()) + shift));
    if let Some((scale, words)) = scale {
        hints.scale = Some(scale);
        used += words;
    } else {
        hints.scale = by_suffix.or(hints.scale);
    }
    Some(used)
}

/// Gives every wish of a clause to the parts it is about.
fn settle(items: &[Item], hints: &mut Hints) {
    let mut kinds: Vec<Option<PartKind>> = vec![None; items.len()];
    let mut only = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Item::Noun { kind, instrument, is_negated, is_only } = item else { continue };
        let kind = if *is_negated { *kind } else { free_part(*kind, instrument.as_deref(), hints) };
        kinds[index] = Some(kind);
        let part = &mut hints.parts[kind as usize];
        part.is_wanted = Some(!is_negated);
        if let (Some(id), false) = (instrument, *is_negated) {
            part.instrument = Some(id.clone());
        }
        if *is_only || !only.is_empty() {
            only.push(kind);
        }
    }
    if !only.is_empty() {
        let others = PartKind::ALL.into_iter().filter(|kind| !only.contains(kind));
        others.for_each(|kind| hints.parts[kind as usize].is_wanted = Some(false));
    }
    for (index, item) in items.iter().enumerate() {
        if let Item::Wish { word, strength } = item {
            grant(word, *strength, target(items, &kinds, index), hints);
        }
    }
}

/// A second instrument of one kind goes to a part nobody has asked for yet.
fn free_part(kind: PartKind, instrument: Option<&str>, hints: &Hints) -> PartKind {
    let taken = |kind: PartKind| {
        hints.parts[kind as usize].instrument.as_deref().is_some_and(|other| Some(other) != instrument)
    };
    let is_movable = instrument.is_some() && matches!(kind, PartKind::Harmony | PartKind::Melody);
    if !is_movable || !taken(kind) {
        return kind;
    }
    let others = [PartKind::Melody, PartKind::Harmony, PartKind::Texture];
    others.into_iter().find(|&other| !taken(other)).unwrap_or(kind)
}

/// The part a wish at `index` is about; `None` = the whole band.
fn target(items: &[Item], kinds: &[Option<PartKind>], index: usize) -> Option<PartKind> {
    let is_and = |item: &Item| matches!(item, Item::And);
    let fence = items[index..].iter().position(is_and).map_or(items.len(), |offset| index + offset);
    let ahead = kinds[index..fence].iter().flatten().next();
    let behind = || kinds[..index].iter().rev().flatten().next();
    let later = || kinds[fence..].iter().flatten().next();
    ahead.or_else(behind).or_else(later).copied()
}

fn grant(word: &Word, strength: f32, target: Option<PartKind>, hints: &mut Hints) {
    if let Some(wish) = &word.part {
        match target {
            Some(kind) => apply(wish, strength, &mut hints.parts[kind as usize]),
            None => {
                let is_meant = |kind: &PartKind| word.about.is_empty() || word.about.contains(kind);
                PartKind::ALL
                    .iter()
                    .filter(|kind| is_meant(kind))
                    .for_each(|&kind| apply(wish, strength, &mut hints.parts[kind as usize]));
            }
        }
        if target.is_some() {
            return;
        }
    }
    set_dial(&mut hints.energy, word.energy, strength);
    set_dial(&mut hints.complexity, word.complexity, strength);
    set_dial(&mut hints.swing, word.swing, strength);
}
