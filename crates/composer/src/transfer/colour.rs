//! The same roots in another style's chords.
use crate::arrange::BandSpec;
use crate::changes::{Changes, ChangesError};
use crate::dice::{Dice, Stream};
use crate::harmonise::{Class, class_of, degrees_of};
use crate::style::Style;
use take::{Beats, Note};
use theory::{Chord, Key, Numeral, Quality};

/// `heard` with each chord in the style's colour: the quality that the style gives to a chord of this kind on this
/// degree, else on any, as long as the melody does not rub against it. The same chord becomes the same chord each time.
pub(super) fn recoloured(heard: &Changes, spec: &BandSpec, melody: &[Note]) -> Result<Changes, ChangesError> {
    let mut dice = Dice::new(spec.seed, Stream::Transfer);
    let used = Used::by(spec.style, &heard.key);
    let mut known: Vec<(Chord, Chord)> = Vec::new();
    for (_, chord) in heard.chords() {
        if known.iter().all(|(before, _)| *before != chord) {
            let sounding = sounding_over(heard, melody, &chord);
            known.push((chord, used.coloured(chord, &heard.key, &sounding, &mut dice)));
        }
    }
    let after = |chord: Chord| known.iter().find(|(before, _)| *before == chord).map_or(chord, |(_, after)| *after);
    let line: Vec<(Beats, Option<Chord>)> = heard.chords().map(|(at, chord)| (at, Some(after(chord)))).collect();
    let rests = heard.rests().map(|(from, _)| (Beats(from), None));
    Changes::new(heard.key, heard.meter, heard.num_bars, with_rests(line, heard, rests))
}

/// Rests as they were, and the chord again after each.
fn with_rests(
    mut line: Vec<(Beats, Option<Chord>)>,
    heard: &Changes,
    rests: impl Iterator<Item = (Beats, Option<Chord>)>,
) -> Vec<(Beats, Option<Chord>)> {
    let rests: Vec<_> = rests.collect();
    line.retain(|(at, _)| !heard.is_rest(*at));
    line.extend(rests);
    line
}

/// How long each pitch class of the melody sounds over a chord, in beats.
fn sounding_over(heard: &Changes, melody: &[Note], chord: &Chord) -> [f32; 12] {
    let mut sounding = [0.0; 12];
    for note in melody.iter().filter(|note| heard.chord_at(note.start) == *chord) {
        sounding[usize::from(note.key % 12)] += note.duration.0 as f32;
    }
    sounding
}

/// The chords a style uses, with how often.
struct Used {
    /// Degree in semitones above the tonic, quality, count.
    rows: Vec<(u8, Quality, f32)>,
    /// Tones of its usual chord.
    num_tones: usize,
}

impl Used {
    fn by(style: &Style, key: &Key) -> Self {
        let mut rows: Vec<(u8, Quality, f32)> = Vec::new();
        let native = degrees_of(style, key).flatten().map(|numeral| (numeral, 1.0));
        // What the style does in its other mode says less.
        let any = style.progression.iter().flat_map(|line| line.chords.0.iter().flatten());
        let any = any.map(|(numeral, _)| (numeral, 0.1));
        let mut tones = (0.0, 0.0);
        for (numeral, count) in native.chain(any) {
            let Numeral { semitones, quality, .. } = *numeral;
            tones = (tones.0 + count * quality.intervals().len() as f32, tones.1 + count);
            match rows.iter_mut().find(|row| (row.0, row.1) == (semitones, quality)) {
                Some(row) => row.2 += count,
                None => rows.push((semitones, quality, count)),
            }
        }
        Self { rows, num_tones: (tones.0 / tones.1.max(1.0)).round() as usize }
    }

    fn coloured(&self, chord: Chord, key: &Key, sounding: &[f32; 12], dice: &mut Dice) -> Chord {
        let degree = (chord.root.get() + 12 - key.tonic.get()) % 12;
        let class = class_of(chord.quality);
        let mut best: Option<(f32, Quality)> = None;
        for &(semitones, quality, count) in self.rows.iter().filter(|row| stands_for(class, row.0, class_of(row.1))) {
            let on_degree = if semitones == degree { 6.0 } else { 1.0 };
            let score = libm::logf(count * on_degree) - 5.0 * rub(Chord { quality, ..chord }, key, sounding)
                + 0.5 * dice.unit();
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, quality));
            }
        }
        let plain = chord.quality.simplified(self.num_tones.max(3));
        let quality = best.map_or(plain, |(_, quality)| quality);
        let is_clean = |quality| rub(Chord { quality, ..chord }, key, sounding) < 0.34;
        let quality = if is_clean(quality) { quality } else { plain };
        let bass = if quality.intervals().len() > 4 { None } else { chord.bass };
        Chord { quality, bass, ..chord }
    }
}

/// Whether a chord of the second class may take the place of one of the first. A plain major triad on the fifth may
/// become a dominant seventh, no other.
fn stands_for(class: Class, degree: u8, other: Class) -> bool {
    class == other
        || (class, other) == (Class::Major, Class::Dominant) && degree == 7
        || (class, other) == (Class::Open, Class::Major)
}

/// Share of the melody that lies a semitone above a chord tone, or is foreign to chord and key.
fn rub(chord: Chord, key: &Key, sounding: &[f32; 12]) -> f32 {
    let mask = chord.mask();
    let scale = theory::pitch_mask(key.tonic, theory::parent(key.scale));
    let total: f32 = sounding.iter().sum();
    let weight = |pitch: usize| match () {
        () if mask & 1 << pitch != 0 => 0.0,
        () if mask & 1 << ((pitch + 11) % 12) != 0 => 1.0,
        () if scale & 1 << pitch != 0 => 0.1,
        () => 0.4,
    };
    let rubbing: f32 = (0..12).map(|pitch| sounding[pitch] * weight(pitch)).sum();
    if total > 0.0 { rubbing / total } else { 0.0 }
}
