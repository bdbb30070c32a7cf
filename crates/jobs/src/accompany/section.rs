//! From parts to sections: notes in beats of the host, each with its sound, and how they follow on what plays.
use crate::style_book::StyleEntry;
use composer::{Changes, PhraseRequest, accompany};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use synth::LiveSound;
use take::{
    Amount, Beats, Bpm, LiveNote, LiveSection, Meter, Note, Part, PartKind, PitchClass, SampleRate, Scale, Tuning,
    VoiceClip,
};
use theory::{Chord, Key, Quality};

/// A note that has less than this left where another section begins is not struck again, in quarter notes.
const WORTH_BEATS: f64 = 0.25;
/// Notes are remembered for this long after their end.
const MEMORY_BEATS: f64 = 16.0;
/// A drum's note on the MIDI output.
const DRUM_BEATS: f64 = 0.2;
/// Bars the band is balanced by.
const BALANCE_BARS: usize = 4;

/// Makes sections. Holds every sound for as long as the engine may.
#[derive(Debug)]
pub(super) struct Sections {
    rate: SampleRate,
    /// Of what is made from now on.
    pub(super) tuning: Tuning,
    sound: Option<(String, LiveSound)>,
    /// Sounds of earlier styles that the engine still holds.
    leaving: Vec<LiveSound>,
    /// What was given last, by part and key.
    given: Vec<LiveNote>,
}

impl Sections {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self { rate, tuning: Tuning::EQUAL, sound: None, leaving: Vec::new(), given: Vec::new() }
    }

    /// Nobody else holds a sound that was made here.
    pub(super) fn is_unused(&self) -> bool {
        self.sound.iter().map(|(_, sound)| sound).chain(&self.leaving).all(LiveSound::is_unused)
    }

    /// The section for `range` out of phrases with their first beats.
    pub(super) fn make(
        &mut self,
        range: Range<f64>,
        music: &[(f64, Vec<Part>)],
        entry: &Arc<StyleEntry>,
        tempo: Bpm,
    ) -> LiveSection {
        self.load(entry, tempo);
        let (mut planned, mut ringing) = (Vec::new(), Vec::new());
        for (start, parts) in music {
            for part in parts {
                for note in &part.notes {
                    let at = note.start.0 + start;
                    let end = at + note.duration.0;
                    if range.contains(&at) {
                        planned.push((part.kind, part.channel, at, end, *note));
                    } else if at < range.start && end > range.start + WORTH_BEATS {
                        ringing.push((part.kind, part.channel, range.start, end, *note));
                    }
                }
            }
        }
        let cuts = self.cuts(range.start, &ringing);
        planned.extend(ringing.into_iter().filter(|(kind, ..)| cuts[*kind as usize]));
        planned.sort_by(|a, b| a.2.total_cmp(&b.2));
        let section = self.with_sounds(&range, &planned, cuts, tempo);
        self.remember(&section);
        section
    }

    /// Parts whose sounding notes are no longer the ones that should sound where the section begins.
    fn cuts(&self, beat: f64, ringing: &[(PartKind, u8, f64, f64, Note)]) -> [bool; 5] {
        let mut should: [BTreeSet<u8>; 5] = Default::default();
        ringing.iter().for_each(|(kind, _, _, _, note)| {
            should[*kind as usize].insert(note.key);
        });
        let mut do_sound: [BTreeSet<u8>; 5] = Default::default();
        let sounds = |note: &&LiveNote| note.start < beat && note.end > beat + WORTH_BEATS;
        self.given.iter().filter(sounds).for_each(|note| {
            do_sound[note.part as usize].insert(note.key);
        });
        let mut cuts = [false; 5];
        for part in &PartKind::ALL[1..] {
            let index = *part as usize;
            cuts[index] = should[index] != do_sound[index];
        }
        cuts
    }

    fn with_sounds(
        &mut self,
        range: &Range<f64>,
        planned: &[(PartKind, u8, f64, f64, Note)],
        cuts: [bool; 5],
        tempo: Bpm,
    ) -> LiveSection {
        let beat_frames = tempo.frames_per_beat(self.rate);
        let tuning = self.tuning;
        let Some((_, sound)) = &mut self.sound else {
            return LiveSection { start: range.start, end: range.end, cuts, ..LiveSection::default() };
        };
        sound.set_tuning(tuning);
        let shut: Vec<f64> =
            planned.iter().filter(|p| p.0 == PartKind::Drums && is_shut_hat(p.4.key)).map(|p| p.2).collect();
        let mut voices: Vec<Arc<VoiceClip>> = Vec::new();
        let mut index_of: BTreeMap<*const VoiceClip, u16> = BTreeMap::new();
        let notes = planned.iter().map(|&(part, channel, start, end, note)| {
            let end = match part {
                PartKind::Drums if LiveSound::is_open_hat(note.key) => {
                    shut.iter().copied().find(|at| *at > start + 1e-6).unwrap_or(start + 4.0).min(start + 4.0)
                }
                PartKind::Drums => start + DRUM_BEATS,
                _ => end,
            };
            let clip = sound.clip(part, &note, (end - start) * beat_frames);
            let voice = *index_of.entry(Arc::as_ptr(&clip)).or_insert_with(|| {
                voices.push(clip.clone());
                (voices.len() - 1) as u16
            });
            let gains = sound.gains(part, &note);
            let Note { key, velocity, .. } = note;
            let bend_cents = if part == PartKind::Drums { 0.0 } else { tuning.bend_cents(key) };
            LiveNote { start, end, part, channel, key, velocity, bend_cents, gains, voice: Some(voice) }
        });
        let notes: Box<[LiveNote]> = notes.collect();
        let sends = sound.sends();
        LiveSection { start: range.start, end: range.end, notes, voices: voices.into(), cuts, sends }
    }

    /// The given notes as they will be played: this section's, and what it leaves of those before.
    fn remember(&mut self, section: &LiveSection) {
        let oldest = section.start - MEMORY_BEATS;
        self.given.retain(|note| note.end > oldest && !(section.start..section.end).contains(&note.start));
        for note in &mut self.given {
            if section.cuts[note.part as usize] && note.start < section.start {
                note.end = note.end.min(section.start);
            }
        }
        self.given.extend(section.notes.iter().copied());
    }

    /// The sound of a style, balanced by what the band plays in it over plain chords.
    fn load(&mut self, entry: &Arc<StyleEntry>, tempo: Bpm) {
        self.leaving.retain(|sound| !sound.is_unused());
        let id = format!("{} {}", entry.id.as_str(), entry.fingerprint);
        if self.sound.as_ref().is_some_and(|(loaded, _)| *loaded == id) {
            return;
        }
        let mut sound = LiveSound::new(&entry.sound, self.rate, tempo);
        let style = &entry.style;
        if let Some(changes) = plain_changes() {
            let request = PhraseRequest {
                style,
                changes: &changes,
                num_bars: BALANCE_BARS,
                tempo,
                number: 0,
                intensity: Amount::new(0.6),
                complexity: Amount::new(0.5),
                humanise: Amount::new(0.0),
                swing: None,
                seed: 1,
                fill_bar: None,
            };
            sound.balance(&accompany(&request), 4.0 * BALANCE_BARS as f64);
        }
        if let Some((_, old)) = self.sound.replace((id, sound)) {
            self.leaving.push(old);
        }
    }
}

/// I, vi, IV and V in C.
fn plain_changes() -> Option<Changes> {
    let chords = [(0, Quality::Major), (9, Quality::Minor), (5, Quality::Major), (7, Quality::Major)];
    let at = |(bar, (root, quality))| (Beats(4.0 * f64::from(bar)), Some(Chord::new(PitchClass::new(root), quality)));
    let key = Key::new(PitchClass::new(0), Scale::Major);
    Changes::new(key, Meter::FOUR_FOUR, BALANCE_BARS + 1, (0..).zip(chords).map(at)).ok()
}

/// General MIDI closed and pedal hi-hat.
fn is_shut_hat(key: u8) -> bool {
    matches!(key, 42 | 44)
}
