//! The rules of species counterpoint as a judge of finished lines.
use super::{BAR_BEATS, Cantus, Side, Species, is_consonant, is_perfect};
use take::Note;

/// A rule that a line can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Notes where the species has them: on the beat grid, without overlap, to the end of the cantus.
    Rhythm,
    /// The voices do not cross; the added one stays within an octave and a sixth of the other.
    Distance,
    /// The line stays within a twelfth.
    Compass,
    /// Steps, thirds, fourths, fifths, a rising minor sixth, octaves; nothing augmented, diminished or larger.
    Interval,
    /// After a leap of more than a fifth the line turns back.
    LeapRecovery,
    /// No note twice in a row, but once in a while in the first species.
    Repetition,
    /// The line keeps to the scale; only the seventh degree may be raised, in the close, and the sixth before it.
    Scale,
    /// It begins on a unison, fifth or octave; below the cantus on a unison or octave.
    Opening,
    /// It ends on a unison or octave, reached by step in contrary motion, the leading tone raised.
    Close,
    /// What is struck on the first of a bar is consonant.
    StrongDissonance,
    /// What is dissonant elsewhere comes and goes by step.
    WeakDissonance,
    /// What becomes dissonant when held over a bar line was consonant, and falls by step to a consonance.
    Suspension,
    /// No two perfect intervals of one kind in a row, nor on two bar lines in a row.
    Parallels,
    /// No perfect interval is reached by both voices moving the same way.
    DirectMotion,
    /// No unison but at the ends, or off the first of a bar.
    Unison,
}

/// A broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub rule: Rule,
    /// Index of the note of the line where it shows.
    pub note: usize,
}

/// A note of the line with what sounds against it.
#[derive(Clone, Copy)]
struct Sounding {
    key: i32,
    start: f64,
    end: f64,
    /// Cantus under its onset.
    against: i32,
}

impl Sounding {
    fn interval(&self) -> u8 {
        (self.key - self.against).unsigned_abs() as u8
    }

    fn is_on_bar_line(&self) -> bool {
        (self.start / BAR_BEATS).fract() < 1e-9
    }
}

struct Judge<'a> {
    cantus: &'a Cantus,
    species: Species,
    side: Side,
    line: Vec<Sounding>,
    faults: Vec<Fault>,
}

/// Every rule that `line` breaks against `cantus`, in the order of the notes; none for a good line. An empty line
/// breaks [`Rule::Rhythm`].
pub fn check(cantus: &Cantus, line: &[Note], species: Species, side: Side) -> Vec<Fault> {
    let at = |beat: f64| cantus.keys.get((beat / BAR_BEATS + 1e-9) as usize).copied();
    let sounding = |note: &Note| {
        let against = i32::from(at(note.start.0)?);
        Some(Sounding { key: i32::from(note.key), start: note.start.0, end: note.start.0 + note.duration.0, against })
    };
    let Some(line) = line.iter().map(sounding).collect::<Option<Vec<_>>>().filter(|line| line.len() > 1) else {
        return vec![Fault { rule: Rule::Rhythm, note: 0 }];
    };
    let mut judge = Judge { cantus, species, side, line, faults: Vec::new() };
    judge.rhythm();
    judge.melody();
    judge.scale();
    judge.distance();
    judge.ends();
    judge.dissonance();
    judge.perfects();
    judge.faults.sort_by_key(|fault| fault.note);
    judge.faults
}

impl Judge<'_> {
    fn fault(&mut self, rule: Rule, note: usize) {
        self.faults.push(Fault { rule, note });
    }

    fn test(&mut self, is_good: bool, rule: Rule, note: usize) {
        if !is_good {
            self.fault(rule, note);
        }
    }

    fn rhythm(&mut self) {
        let end = self.cantus.keys.len() as f64 * BAR_BEATS;
        for index in 0..self.line.len() {
            let here = self.line[index];
            let next = self.line.get(index + 1).map_or(end, |next| next.start);
            self.test((here.end - next).abs() < 1e-9, Rule::Rhythm, index);
            let length = here.end - here.start;
            let is_last = index + 1 == self.line.len();
            let within = here.start.rem_euclid(BAR_BEATS);
            let fits = match self.species {
                Species::First => within == 0.0 && length == 4.0,
                Species::Second => length == 2.0 || index + 2 >= self.line.len() && length == 4.0,
                Species::Third => length == 1.0 || is_last && length == 4.0,
                Species::Fourth => within == 2.0 && length == 4.0 || length == 2.0 || is_last && length == 4.0,
                Species::Fifth => matches!(length as i32, 1 | 2 | 4) && within.fract() == 0.0,
            };
            self.test(fits, Rule::Rhythm, index);
        }
        // Some ties may be broken; a line without most of them is of another species.
        let ties =
            self.line.iter().filter(|note| note.end > ((note.start / BAR_BEATS).floor() + 1.0) * BAR_BEATS).count();
        let is_tied = self.species != Species::Fourth || 2 * ties >= self.cantus.keys.len() - 2;
        self.test(is_tied, Rule::Rhythm, 0);
        let begins = if self.species == Species::First { 0.0 } else { 2.0 };
        self.test(self.line[0].start <= begins, Rule::Rhythm, 0);
    }

    fn melody(&mut self) {
        let keys: Vec<i32> = self.line.iter().map(|note| note.key).collect();
        let low = keys.iter().copied().min().unwrap_or(0);
        let high = keys.iter().copied().max().unwrap_or(0);
        self.test(high - low <= 19, Rule::Compass, 0);
        for index in 1..keys.len() {
            let step = keys[index] - keys[index - 1];
            let is_allowed = matches!(step.abs(), 0 | 1 | 2 | 3 | 4 | 5 | 7 | 12) || step == 8;
            self.test(is_allowed, Rule::Interval, index);
            if let Some(&next) = keys.get(index + 1).filter(|_| step.abs() > 7) {
                self.test((next - keys[index]) * step < 0, Rule::LeapRecovery, index);
            }
            let before = index.checked_sub(2).map(|before| keys[before]);
            let repeats_once = self.species == Species::First && before != Some(keys[index]);
            self.test(step != 0 || repeats_once, Rule::Repetition, index);
        }
    }

    fn scale(&mut self) {
        let key = self.cantus.key;
        let scale = theory::pitch_mask(key.tonic, theory::parent(key.scale));
        let leading = (i32::from(key.tonic.get()) + 11) % 12;
        let raised_sixth = (leading + 10) % 12;
        let count = self.line.len();
        let pitch_of = |index: usize| self.line.get(index).map(|note: &Sounding| note.key.rem_euclid(12));
        // Over a cantus that falls by a semitone a raised note would be an augmented interval.
        let bars = self.cantus.keys.len();
        let is_phrygian = self.cantus.keys[bars - 2] == self.cantus.keys[bars - 1] + 1;
        let leads = count >= 2 && pitch_of(count - 2) == Some(leading) && !is_phrygian;
        let faults: Vec<usize> = (0..count)
            .filter(|&index| {
                let pitch = pitch_of(index).unwrap_or(0);
                let is_raised = leads && (index + 2 == count || index + 3 == count && pitch == raised_sixth);
                scale & 1 << pitch == 0 && !is_raised
            })
            .collect();
        faults.into_iter().for_each(|index| self.fault(Rule::Scale, index));
    }

    fn distance(&mut self) {
        for index in 0..self.line.len() {
            let here = self.line[index];
            // A held note meets the next note of the cantus as well.
            for against in self.met(&here) {
                let above = match self.side {
                    Side::Above => here.key - against,
                    Side::Below => against - here.key,
                };
                self.test((0..=21).contains(&above), Rule::Distance, index);
            }
            let is_end = index == 0 || index + 1 == self.line.len();
            let is_unison = here.key == here.against && here.is_on_bar_line();
            self.test(!is_unison || is_end, Rule::Unison, index);
        }
    }

    /// Notes of the cantus that sound during a note, in order.
    fn met(&self, note: &Sounding) -> Vec<i32> {
        let bars = self.cantus.keys.iter().enumerate();
        let sounds = bars.filter(|(bar, _)| {
            let begin = *bar as f64 * BAR_BEATS;
            begin < note.end - 1e-9 && begin + BAR_BEATS > note.start + 1e-9
        });
        sounds.map(|(_, &key)| i32::from(key)).collect()
    }

    fn ends(&mut self) {
        let first = self.line[0].interval() % 12;
        let opens = first == 0 || first == 7 && self.side == Side::Above;
        self.test(opens, Rule::Opening, 0);
        let last = self.line.len() - 1;
        let (before, close) = (self.line[last - 1], self.line[last]);
        let bars = self.cantus.keys.len();
        let cantus_step = i32::from(self.cantus.keys[bars - 1]) - i32::from(self.cantus.keys[bars - 2]);
        let step = close.key - before.key;
        let is_contrary = step * cantus_step < 0;
        // A whole step up to the tonic is a close only where the cantus itself falls by a semitone (Phrygian).
        let leads = step < 0 || step == 1 || cantus_step == -1;
        let is_close = close.interval() % 12 == 0 && (1..=2).contains(&step.abs()) && is_contrary && leads;
        self.test(is_close, Rule::Close, last);
    }

    fn dissonance(&mut self) {
        for index in 0..self.line.len() {
            let here = self.line[index];
            if !is_consonant(here.interval()) {
                if here.is_on_bar_line() {
                    self.fault(Rule::StrongDissonance, index);
                } else {
                    let passes = self.comes_and_goes_by_step(index);
                    self.test(passes, Rule::WeakDissonance, index);
                }
            }
            let met = self.met(&here);
            for &held_against in met.get(1..).unwrap_or(&[]) {
                let becomes = (here.key - held_against).unsigned_abs() as u8;
                if !is_consonant(becomes) {
                    let resolves = self.resolves(index);
                    self.test(resolves, Rule::Suspension, index);
                }
            }
        }
    }

    /// In the second species a dissonance only passes; with quarters it may also turn back.
    fn comes_and_goes_by_step(&self, index: usize) -> bool {
        let (Some(before), Some(after)) =
            (index.checked_sub(1).and_then(|before| self.line.get(before)), self.line.get(index + 1))
        else {
            return false;
        };
        let (come, go) = (self.line[index].key - before.key, after.key - self.line[index].key);
        let are_steps = (1..=2).contains(&come.abs()) && (1..=2).contains(&go.abs());
        are_steps && (self.species != Species::Second || come * go > 0)
    }

    /// Prepared by a consonance, left by a step down to one.
    fn resolves(&self, index: usize) -> bool {
        let here = self.line[index];
        let Some(after) = self.line.get(index + 1) else { return false };
        let falls = (1..=2).contains(&(here.key - after.key));
        is_consonant(here.interval()) && falls && is_consonant(after.interval())
    }

    fn perfects(&mut self) {
        for index in 1..self.line.len() {
            let (before, here) = (self.line[index - 1], self.line[index]);
            // What sounded last before this onset: a held note against the cantus it was held into.
            let last_against = self.met(&before).last().copied().unwrap_or(before.against);
            let old = (before.key - last_against).unsigned_abs() as u8;
            self.motion((before.key, last_against, old), &here, index);
            if self.bar_line_pairs_count(index) {
                let earlier = self.line[..index].iter().rev().find(|note| note.is_on_bar_line()).copied();
                if let Some(earlier) = earlier.filter(|earlier| here.start - earlier.start <= BAR_BEATS + 1e-9) {
                    let is_same = earlier.interval() % 12 == here.interval() % 12 && is_perfect(here.interval());
                    let moves = earlier.key != here.key;
                    self.test(!(is_same && moves), Rule::Parallels, index);
                }
            }
        }
    }

    /// Perfect intervals on successive bar lines are heard as parallels with halves between, less so with quarters.
    fn bar_line_pairs_count(&self, index: usize) -> bool {
        matches!(self.species, Species::Second | Species::Third) && self.line[index].is_on_bar_line()
    }

    fn motion(&mut self, (old_key, old_against, old): (i32, i32, u8), here: &Sounding, index: usize) {
        let new = here.interval();
        let (step, other) = (here.key - old_key, here.against - old_against);
        if !is_perfect(new) || step == 0 || other == 0 {
            return;
        }
        self.test(!(is_perfect(old) && old % 12 == new % 12), Rule::Parallels, index);
        self.test(step * other < 0, Rule::DirectMotion, index);
    }
}
