//! Style files: the built-in ones can be read, broken ones say where.
mod common;

use common::{STYLES, text};
use composer::{Style, StyleError};

fn error(text: &str) -> StyleError {
    Style::parse("mine", "mine.toml", text).expect_err("should be refused")
}

/// The deep house file with one change, and the line it was made in.
fn broken(from: &str, to: &str) -> (StyleError, usize) {
    let good = text("deep_house");
    let at = good.find(from).unwrap_or_else(|| panic!("`{from}` is not in the file"));
    let line = good[..at].matches('\n').count() + 1;
    (error(&good.replacen(from, to, 1)), line)
}

#[test]
fn built_in_styles_have_their_names_and_tempos() {
    assert_eq!(STYLES.len(), 18);
    let tempo = |id: &str| STYLES.iter().find(|style| style.id == id).unwrap().tempo.get();
    let wanted = [
        ("techno_minimal", 126.0),
        ("experimental", 130.0),
        ("rock", 120.0),
        ("hip_hop", 90.0),
        ("jungle_dnb", 174.0),
        ("dub", 70.0),
        ("deep_house", 124.0),
        ("downtempo_ambient", 85.0),
        ("classical", 110.0),
        ("trip_hop", 95.0),
    ];
    for (id, bpm) in wanted {
        assert_eq!(tempo(id), bpm, "{id}");
    }
    for (style, (_, name)) in STYLES.iter().zip(take::BUILT_IN_STYLES) {
        assert_eq!(style.name, name);
    }
}

#[test]
fn every_style_offers_a_choice() {
    for style in STYLES.iter() {
        assert!(style.progression.len() >= 4, "{}", style.id);
        assert!(style.bass.pattern.len() >= 2 && style.harmony.pattern.len() >= 3, "{}", style.id);
        assert!(style.melody.motif.len() >= 3 && style.melody.forms.len() >= 2, "{}", style.id);
        assert!(!style.drums.is_on || style.drums.groove.len() >= 3, "{}", style.id);
        assert!(!style.drums.is_on || style.drums.fill.len() >= 2, "{}", style.id);
    }
}

#[test]
fn errors_name_file_line_and_field() {
    for (from, to, field) in [
        ("tempo = 124.0", "tempo = 1240.0", "tempo"),
        ("swing = 0.22", "swing = 1.22", "swing"),
        ("\"i9 | % | iv9 | %\"", "\"i9 | % | ix9 | %\"", "progression.chords"),
        ("\"X...X...X...X...\"", "\"X...X...Q...X...\"", "drums.groove.lanes.steps"),
        ("drum = \"clap\"", "drum = \"clop\"", "drums.groove.lanes.drum"),
        ("program = 39", "program = 139", "bass.program"),
        ("range = [\"E1\", \"A2\"]", "range = [\"A2\", \"E1\"]", "bass.range"),
        ("kick = \"answer\"", "kick = \"hide\"", "bass.kick"),
        ("voices = 4", "voices = 40", "harmony.voices"),
        ("voicing = \"rootless\"", "voicing = \"routeless\"", "harmony.voicing"),
        ("forms = [\"A.B.\"", "forms = [\"A.X.\"", "melody.forms"),
        ("energy = [0.0, 0.65]", "energy = [0.65, 0.0]", "drums.groove.energy"),
        ("scale = \"minor\"", "scale = \"miner\"", "scale"),
        ("gate = 0.85", "gait = 0.85", "bass.gait"),
        ("push_ms = 2 }", "push_ms = 200 }", "drums.groove.lanes.push_ms"),
    ] {
        let (error, line) = broken(from, to);
        assert_eq!((error.field.as_str(), error.line), (field, line), "{to}: {error}");
        assert_eq!(error.file, "mine.toml");
        assert!(error.to_string().starts_with(&format!("mine.toml:{line}: {field}: ")), "{error}");
    }
}

#[test]
fn missing_fields_are_named() {
    let (error, _) = broken("keys = [\"A\", \"F\", \"G\", \"C\", \"D\", \"E\"]\n", "");
    assert_eq!(error.field, "keys", "{error}");
    let (error, line) = broken("program = 39\n", "");
    assert_eq!(error.field, "bass.program", "{error}");
    assert!(error.line.abs_diff(line) <= 2, "{error}");
}

#[test]
fn unknown_tables_are_refused_but_the_sound_half_is_left_alone() {
    let good = text("deep_house");
    let music = good.split("# ---- sound ----").next().unwrap();
    assert!(
        Style::parse("mine", "mine.toml", &format!("{music}\n[sound]\nanything = 1\n[sound.deep]\nx = \"y\"\n"))
            .is_ok()
    );
    assert_eq!(error(&format!("{music}\n[sounds]\nanything = 1\n")).field, "sounds");
}

#[test]
fn empty_lists_are_refused() {
    let (error, line) = broken("keys = [\"A\", \"F\", \"G\", \"C\", \"D\", \"E\"]", "keys = []");
    assert_eq!((error.field.as_str(), error.line), ("keys", line), "{error}");
}

#[test]
fn no_garbage_makes_the_parser_fall_over() {
    let good = text("jazz");
    for at in (0..good.len()).step_by(97) {
        if good.is_char_boundary(at) {
            // Cut anywhere: read or refused, never a panic.
            let _verdict = Style::parse("cut", "cut.toml", &good[..at]).map_err(|error| assert!(error.line >= 1));
        }
    }
    for garbage in ["", "\u{0}", "[[[[", "name = ", "é = 1", "name = \"é\"\ntempo = \"é\""] {
        assert!(Style::parse("x", "x.toml", garbage).is_err());
    }
}
