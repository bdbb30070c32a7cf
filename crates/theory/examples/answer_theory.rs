//! Answers questions about theory, one a line of standard input, for the comparison with other libraries
//! (tests/python/check_theory.py). Fields are parted by tabs:
//!
//! - `chord SYMBOL` -> names of its tones, spelled from its root, and the name of its bass
//! - `scale TONIC ID` -> names of its notes
//! - `roman TONIC ID SYMBOLS` -> a Roman numeral for each of the symbols
//! - `key PROFILE TWELVE_WEIGHTS` -> tonic number, scale id and correlation of the best key
//!
//! What cannot be read is answered with `?`.
use std::io::BufRead;
use take::Scale;
use theory::{Chord, Key, KeyProfile, NoteName, analyse, find_keys, parse_note_name};

fn main() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields[..] {
            ["chord", symbol] => chord(symbol),
            ["scale", tonic, id] => key(tonic, id).map(|key| joined(&key.scale_names())),
            ["roman", tonic, id, symbols] => key(tonic, id).and_then(|key| roman(&key, symbols)),
            ["key", profile, weights] => best_key(profile, weights),
            _ => None,
        };
        println!("{}", answer.as_deref().unwrap_or("?"));
    }
}

fn joined(names: &[NoteName]) -> String {
    names.iter().map(NoteName::to_string).collect::<Vec<_>>().join(" ")
}

fn key(tonic: &str, id: &str) -> Option<Key> {
    let (tonic, rest) = parse_note_name(tonic)?;
    let scale = Scale::ALL.into_iter().find(|scale| scale.id() == id)?;
    rest.is_empty().then_some(Key::named(tonic, scale))
}

fn chord(symbol: &str) -> Option<String> {
    let chord = Chord::parse(symbol).ok()?;
    let (root, _) = parse_note_name(symbol)?;
    let key = Key::named(root, Scale::Major);
    Some(format!("{}\t{}", joined(&chord.tone_names(&key)), chord.bass_note().get()))
}

fn roman(key: &Key, symbols: &str) -> Option<String> {
    let chords = symbols.split(' ').map(|symbol| Chord::parse(symbol).ok()).collect::<Option<Vec<_>>>()?;
    Some(analyse(&chords, key).iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

fn best_key(profile: &str, weights: &str) -> Option<String> {
    let profile = match profile {
        "krumhansl_kessler" => KeyProfile::KrumhanslKessler,
        "kostka_payne" => KeyProfile::KostkaPayne,
        _ => return None,
    };
    let weights: Vec<f64> = weights.split(' ').filter_map(|weight| weight.parse().ok()).collect();
    let best = find_keys(&weights.try_into().ok()?, profile)[0];
    Some(format!("{}\t{}\t{:.6}", best.tonic.get(), best.scale.id(), best.score))
}
