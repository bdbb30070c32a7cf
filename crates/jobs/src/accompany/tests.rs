use super::*;
use take::{LiveNote, PartKind, StyleId};

const TEMPO: f64 = 120.0;

/// Carries messages between a clock and the band, and keeps what the engine would play.
struct FakeEngine {
    band: Accompanist,
    beat: f64,
    cycle: Option<(f64, f64)>,
    sections: Vec<LiveSection>,
    played: Vec<LiveNote>,
}

impl FakeEngine {
    fn new(style: &str, settings: BandSettings) -> Self {
        // A low rate: the sounds are not what is looked at.
        let rate = SampleRate::new(8_000).unwrap();
        let mut band = Accompanist::new(Arc::new(StyleBook::built_in()), rate);
        assert!(band.set(&BandSettings { style: StyleId::from(style), humanise: Amount::NONE, ..settings }).is_empty());
        Self { band, beat: 0.0, cycle: None, sections: Vec::new(), played: Vec::new() }
    }

    fn place(&self, is_playing: bool) -> LivePlace {
        LivePlace {
            beat: self.beat,
            is_playing,
            tempo: TEMPO,
            meter: (4, 4),
            bar_origin: 0.0,
            cycle: self.cycle,
            heard_frames: 0,
        }
    }

    fn start(&mut self) {
        let place = self.place(true);
        let sections = self.band.placed(&place, true);
        self.sections.extend(sections);
    }

    /// Half a beat of music; the tick comes a little before its place.
    fn step(&mut self) {
        let next = self.beat + CELL_BEATS;
        let place = LivePlace { beat: next - 0.09, ..self.place(true) };
        let sections = self.band.tick(next, &place);
        self.sections.extend(sections);
        let (from, to) = (self.beat, next);
        let counts = |age: usize, beat: f64| {
            !self.sections[age + 1..].iter().any(|section| (section.start..section.end).contains(&beat))
        };
        for (age, section) in self.sections.iter().enumerate() {
            let here = section.notes.iter().filter(|note| (from..to).contains(&note.start) && counts(age, note.start));
            self.played.extend(here.copied());
        }
        self.beat = next;
        if let Some((start, _)) = self.cycle.filter(|cycle| self.beat >= cycle.1) {
            self.beat = start;
            self.start();
        }
    }

    fn play_to(&mut self, beat: f64) {
        while self.beat < beat - 1e-9 {
            self.step();
        }
    }

    fn chord(&mut self, keys: &[u8]) {
        keys.iter().for_each(|key| self.band.note(self.beat, *key, 80));
    }

    fn release(&mut self, keys: &[u8]) {
        keys.iter().for_each(|key| self.band.note(self.beat, *key, 0));
    }

    fn of(&self, part: PartKind, from: f64, to: f64) -> Vec<LiveNote> {
        let is_here = |note: &&LiveNote| note.part == part && (from - 1e-6..to).contains(&note.start);
        self.played.iter().filter(is_here).copied().collect()
    }
}

fn midi() -> BandSettings {
    BandSettings { source: ChordSource::Midi, ..BandSettings::default() }
}

fn typed(chords: &str) -> BandSettings {
    BandSettings { chords: chords.to_owned(), ..BandSettings::default() }
}

const DM7: [u8; 4] = [62, 65, 69, 72];
const G7: [u8; 4] = [59, 62, 65, 67];
const CMAJ7: [u8; 4] = [60, 64, 67, 71];

fn tones(symbol: &str) -> u16 {
    Chord::parse(symbol).unwrap().mask()
}

fn share_in(notes: &[LiveNote], mask: u16) -> f64 {
    notes.iter().filter(|note| mask & 1 << (note.key % 12) != 0).count() as f64 / notes.len().max(1) as f64
}

#[test]
fn a_typed_line_is_played_bar_by_bar_and_round_again() {
    let mut engine = FakeEngine::new("pop", typed("C | Am | F | G"));
    engine.start();
    engine.play_to(32.0);
    for (bar, symbol) in ["C", "Am", "F", "G", "C", "Am", "F", "G"].into_iter().enumerate() {
        let start = 4.0 * bar as f64;
        let bass = engine.of(PartKind::Bass, start, start + 0.1);
        assert!(!bass.is_empty() && share_in(&bass, tones(symbol)) == 1.0, "bar {bar}: {bass:?}");
        let pad = engine.of(PartKind::Texture, start, start + 0.1);
        assert!(!pad.is_empty() && share_in(&pad, tones(symbol)) == 1.0, "bar {bar}: {pad:?}");
        assert!(!engine.of(PartKind::Drums, start, start + 4.0).is_empty());
    }
}

#[test]
fn played_chords_are_followed_within_a_beat() {
    let mut engine = FakeEngine::new("jazz", midi());
    engine.start();
    engine.play_to(4.0);
    assert!(engine.of(PartKind::Bass, 0.0, 4.0).is_empty(), "nobody has played a chord yet");
    assert!(!engine.of(PartKind::Drums, 0.0, 4.0).is_empty());
    let (mut held, mut num_chords): (&[u8], usize) = (&[], 0);
    for (keys, symbol) in [(&DM7, "Dm7"), (&G7, "G7"), (&CMAJ7, "Cmaj7")] {
        let start = engine.beat;
        engine.release(held);
        engine.chord(keys);
        held = keys;
        engine.play_to(start + 4.0);
        let pads = engine.of(PartKind::Texture, start, start + 1.0);
        assert!(!pads.is_empty(), "{symbol}: no reaction within a beat; {:?}", engine.band.chords(start, start + 4.0));
        let bass = engine.of(PartKind::Bass, start + 1.0, start + 3.0);
        assert!(share_in(&bass, tones(symbol)) >= 0.5, "{symbol}: {bass:?}");
        let chords = engine.of(PartKind::Harmony, start + 0.5, start + 3.6);
        let share = share_in(&chords, tones(symbol));
        assert!(chords.is_empty() || share >= 0.98, "{symbol}: {chords:?}");
        num_chords += chords.len();
    }
    assert!(num_chords >= 6, "{num_chords} notes of the piano");
}

#[test]
fn a_loop_the_player_repeats_is_known_before_it_comes() {
    let mut engine = FakeEngine::new("pop", midi());
    engine.start();
    let loops: [(&[u8], &str); 4] =
        [(&[60, 64, 67], "C"), (&[57, 60, 64], "Am"), (&[53, 57, 60], "F"), (&[55, 59, 62], "G")];
    for round in 0..3 {
        for (keys, symbol) in loops {
            let start = engine.beat;
            engine.chord(keys);
            engine.play_to(start + 4.0);
            engine.release(keys);
            if round == 2 {
                let bass = engine.of(PartKind::Bass, start, start + 0.1);
                assert!(!bass.is_empty() && share_in(&bass, tones(symbol)) == 1.0, "{symbol} at {start}: {bass:?}");
            }
        }
    }
}

#[test]
fn a_locked_lane_goes_on_whatever_is_played() {
    let mut engine = FakeEngine::new("pop", midi());
    engine.start();
    engine.chord(&[60, 64, 67]);
    engine.play_to(4.0);
    let locked = BandSettings { is_locked: true, ..engine.band.settings.clone() };
    engine.band.set(&locked);
    engine.release(&[60, 64, 67]);
    engine.chord(&[66, 70, 73]);
    engine.play_to(12.0);
    let pads = engine.of(PartKind::Texture, 4.5, 12.0);
    assert!(share_in(&pads, tones("C")) == 1.0, "{pads:?} {:?}", engine.band.chords(0.0, 16.0));
}

#[test]
fn nothing_is_composed_twice_while_nothing_changes() {
    let mut engine = FakeEngine::new("funk", typed("Am7 | D7"));
    engine.start();
    engine.play_to(64.0);
    let total: f64 = engine.sections.iter().map(|section| section.end - section.start).sum();
    assert!(total <= 64.0 + 13.0, "{total} beats were composed for 64");
    let mut starts: Vec<f64> = engine.played.iter().map(|note| note.start).collect();
    starts.dedup();
    assert!(engine.sections.iter().all(|section| section.cuts == [false; 5]), "something was cut for nothing");
}

#[test]
fn a_host_cycle_is_ready_before_it_wraps() {
    let mut engine = FakeEngine::new("rock", typed("E | A"));
    engine.cycle = Some((4.0, 8.0));
    engine.beat = 4.0;
    engine.start();
    for _ in 0..24 {
        engine.step();
    }
    let downbeats = engine.of(PartKind::Bass, 4.0, 4.1).len();
    assert!(downbeats >= 3, "{downbeats} of 3 rounds began with the bass");
    assert_eq!(engine.sections.len(), 1, "the same bar was composed again");
}

#[test]
fn loud_playing_makes_the_band_play_harder() {
    let mean_velocity = |velocity: u8| {
        let mut engine = FakeEngine::new("rock", midi());
        engine.start();
        for _ in 0..16 {
            let beat = engine.beat;
            [60, 64, 67].iter().for_each(|key| engine.band.note(beat, *key, velocity));
            engine.play_to(beat + 1.0);
            engine.release(&[60, 64, 67]);
        }
        let late = engine.of(PartKind::Drums, 8.0, 16.0);
        late.iter().map(|note| f64::from(note.velocity)).sum::<f64>() / late.len() as f64
    };
    assert!(mean_velocity(120) > mean_velocity(35) + 5.0);
}

#[test]
fn a_pressed_fill_comes_at_the_end_of_this_bar() {
    let drums = |is_pressed: bool| {
        let mut engine = FakeEngine::new("rock", typed("E"));
        engine.start();
        engine.play_to(9.0);
        if is_pressed {
            engine.band.fill();
        }
        engine.play_to(16.0);
        let keys = |from: f64, to: f64| -> Vec<(u64, u8)> {
            engine.of(PartKind::Drums, from, to).iter().map(|n| ((n.start * 4.0).round() as u64, n.key)).collect()
        };
        (keys(8.0, 9.0), keys(10.0, 12.0), keys(12.0, 16.0))
    };
    let (plain, filled) = (drums(false), drums(true));
    assert_eq!(plain.0, filled.0);
    assert_ne!(plain.1, filled.1);
    assert_eq!(plain.2, filled.2);
}

#[test]
fn an_unknown_style_plays_another_and_says_so_once() {
    let mut engine = FakeEngine::new("polka", typed("C"));
    engine.start();
    engine.play_to(4.0);
    let said = engine.band.said();
    assert!(said.len() == 1 && said[0].contains("polka"), "{said:?}");
    assert!(!engine.of(PartKind::Bass, 0.0, 4.0).is_empty());
}

#[test]
fn the_same_playing_gives_the_same_notes() {
    let run = || {
        let mut engine = FakeEngine::new("latin", midi());
        engine.start();
        engine.chord(&DM7);
        engine.play_to(3.0);
        engine.release(&DM7);
        engine.chord(&G7);
        engine.play_to(16.0);
        engine.played
    };
    assert_eq!(run(), run());
}

#[test]
fn sections_hold_their_sounds_and_every_note_ends_after_it_starts() {
    let mut engine = FakeEngine::new("deep_house", typed("Am9 | Fmaj9"));
    engine.start();
    engine.play_to(32.0);
    for section in &engine.sections {
        for note in &section.notes {
            assert!(note.end > note.start && (section.start..section.end).contains(&note.start));
            let voice = note.voice.and_then(|index| section.voices.get(usize::from(index)));
            assert!(voice.is_some_and(|clip| !clip.left.is_empty()));
        }
        assert!(section.notes.windows(2).all(|pair| pair[0].start <= pair[1].start));
    }
}
