use super::*;
use take::{Beats, Meter, Note, PitchClass, Scale};
use theory::{Chord, Key};

fn style(id: &str) -> Style {
    let file = format!("{}/../../assets/styles/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    Style::parse(id, id, &std::fs::read_to_string(file).unwrap()).unwrap()
}

/// One symbol a bar, `-` for none.
fn changes(symbols: &[&str]) -> Changes {
    let chords = symbols
        .iter()
        .enumerate()
        .map(|(bar, symbol)| (Beats(4.0 * bar as f64), (*symbol != "-").then(|| Chord::parse(symbol).unwrap())));
    Changes::new(Key::new(PitchClass::new(0), Scale::Major), Meter::FOUR_FOUR, symbols.len(), chords).unwrap()
}

fn request<'a>(style: &'a Style, changes: &'a Changes) -> PhraseRequest<'a> {
    PhraseRequest {
        style,
        changes,
        num_bars: 4,
        tempo: style.tempo,
        number: 0,
        intensity: Amount::new(0.6),
        complexity: Amount::new(0.5),
        humanise: Amount::NONE,
        swing: Some(Amount::NONE),
        seed: 7,
        fill_bar: None,
    }
}

fn notes(parts: &[Part], kind: PartKind) -> Vec<Note> {
    parts.iter().filter(|part| part.kind == kind).flat_map(|part| part.notes.clone()).collect()
}

const TWO_FIVE_ONE: [&str; 5] = ["Dm7", "G7", "Cmaj7", "A7", "Dm7"];

#[test]
fn every_style_plays_five_parts_that_fit_the_chords() {
    for (id, _) in take::BUILT_IN_STYLES {
        let (style, changes) = (style(id), changes(&TWO_FIVE_ONE));
        let parts = accompany(&request(&style, &changes));
        assert_eq!(parts.iter().map(|part| part.kind).collect::<Vec<_>>(), PartKind::ALL, "{id}");
        let is_tone = |note: &&Note| changes.tones_at(note.start) & 1 << (note.key % 12) != 0;
        let bass = notes(&parts, PartKind::Bass);
        let strong: Vec<&Note> = bass.iter().filter(|note| changes.strength_at(note.start) >= 3).collect();
        let fitting = strong.iter().filter(|note| is_tone(note)).count();
        assert!(fitting * 100 >= strong.len() * 95, "{id}: bass {fitting} of {}", strong.len());
        let chords = [notes(&parts, PartKind::Harmony), notes(&parts, PartKind::Texture)].concat();
        // A chord struck early belongs to the next one. Stacks of fourths hold scale tones as well.
        let is_allowed =
            |note: &Note, later: f64| changes.allowed_at(Beats(note.start.0 + later)) & 1 << (note.key % 12) != 0;
        let fits = |note: &&Note| is_allowed(note, 0.0) || is_allowed(note, 0.5);
        let fitting = chords.iter().filter(fits).count();
        assert!(fitting * 100 >= chords.len() * 98, "{id}: chords {fitting} of {}", chords.len());
    }
}

#[test]
fn another_second_half_leaves_the_drums_and_the_first_bass_note_alone() {
    let style = style("funk");
    let (before, after) = (changes(&["C", "C", "F", "G", "C"]), changes(&["C", "C", "Abmaj7", "Db7", "C"]));
    let [one, two] = [&before, &after].map(|changes| accompany(&request(&style, changes)));
    assert_eq!(notes(&one, PartKind::Drums), notes(&two, PartKind::Drums));
    let bass = |parts: &[Part], from: f64, to: f64| -> Vec<Note> {
        notes(parts, PartKind::Bass).into_iter().filter(|note| (from..to).contains(&note.start.0)).collect()
    };
    assert_eq!(bass(&one, 0.0, 4.0), bass(&two, 0.0, 4.0));
    assert_ne!(bass(&one, 8.0, 16.0), bass(&two, 8.0, 16.0));
}

#[test]
fn only_the_drums_play_where_there_is_no_chord() {
    let style = style("rock");
    let changes = changes(&["-", "-", "G", "-", "-"]);
    let parts = accompany(&request(&style, &changes));
    for kind in [PartKind::Bass, PartKind::Harmony, PartKind::Melody, PartKind::Texture] {
        let outside = notes(&parts, kind)
            .into_iter()
            .filter(|note| note.start.0 < 7.9 || note.start.0 >= 12.0 || note.start.0 + note.duration.0 > 12.0 + 1e-9);
        assert_eq!(outside.collect::<Vec<_>>(), [], "{kind:?}");
    }
    let bars_with_drums =
        (0..4).filter(|bar| notes(&parts, PartKind::Drums).iter().any(|note| (note.start.0 / 4.0) as usize == *bar));
    assert_eq!(bars_with_drums.count(), 4);
    assert!(!notes(&parts, PartKind::Bass).is_empty());
}

#[test]
fn a_fill_changes_its_bar_and_no_other() {
    let (style, changes) = (style("rock"), changes(&TWO_FIVE_ONE));
    let plain = request(&style, &changes);
    let filled = PhraseRequest { fill_bar: Some(3), ..plain };
    let drums = |request: &PhraseRequest<'_>, bar: f64| -> Vec<(f64, u8)> {
        let is_here = |note: &&Note| (4.0 * bar..4.0 * bar + 4.0).contains(&note.start.0);
        notes(&accompany(request), PartKind::Drums).iter().filter(is_here).map(|n| (n.start.0, n.key)).collect()
    };
    assert_eq!(drums(&plain, 0.0), drums(&filled, 0.0));
    assert_ne!(drums(&plain, 3.0), drums(&filled, 3.0));
}

#[test]
fn the_next_phrase_has_another_melody_over_the_same_groove() {
    let (style, changes) = (style("jazz"), changes(&TWO_FIVE_ONE));
    let first = accompany(&request(&style, &changes));
    let second = accompany(&PhraseRequest { number: 1, ..request(&style, &changes) });
    assert_eq!(notes(&first, PartKind::Drums), notes(&second, PartKind::Drums));
    assert_ne!(notes(&first, PartKind::Melody), notes(&second, PartKind::Melody));
}
