//! Forms: sections with bars, keys, energies and players, the chord line over all of them, and the whole as notes.
mod data;
mod play;
mod riser;

pub use data::{Form, Mode, SectionPlan};
pub use play::compose_form;

use crate::changes::Changes;
use crate::dice::{Dice, Stream};
use crate::grid::{BarShape, STEP_BEATS};
use crate::plan::{Colour, Planned, bar_order, is_same_family, planned, split};
use crate::style::{ChordBars, Progression, Style};
use take::{Amount, Meter, PartKind, PitchClass, Scale};
use theory::{Key, is_minor_like};

/// What a form is filled with.
#[derive(Debug, Clone, Copy)]
pub struct FormSpec<'s> {
    /// Whose progressions, and who plays.
    pub style: &'s Style,
    /// Tonic; one of the style's where absent.
    pub key: Option<PitchClass>,
    /// Scale; the style's where absent.
    pub scale: Option<Scale>,
    /// Meter.
    pub meter: Meter,
    /// Length in bars, 1..=[`FormPlan::MAX_BARS`]; the form's natural length where absent.
    pub num_bars: Option<usize>,
    /// How rich the chords are.
    pub complexity: Amount,
    /// Seed of every random choice.
    pub seed: u64,
}

impl<'s> FormSpec<'s> {
    /// The form at its natural length in 4/4, key and scale from the style, complexity 0.5.
    pub fn new(style: &'s Style, seed: u64) -> Self {
        let complexity = Amount::new(0.5);
        Self { style, key: None, scale: None, meter: Meter::FOUR_FOUR, num_bars: None, complexity, seed }
    }
}

/// A form with its chords.
#[derive(Debug, Clone)]
pub struct FormPlan {
    /// Name for people.
    pub name: String,
    /// The sections, without gaps.
    pub sections: Vec<Section>,
    /// The chord line of the whole; its key is the home key.
    pub changes: Changes,
}

impl FormPlan {
    /// Most bars of a form.
    pub const MAX_BARS: usize = 64;
}

/// A section in its place.
#[derive(Debug, Clone)]
pub struct Section {
    /// Name for people.
    pub name: String,
    /// Sections of one letter share their melody.
    pub theme: char,
    /// First bar, from 0.
    pub first_bar: usize,
    /// Length in bars.
    pub num_bars: usize,
    /// Its key.
    pub key: Key,
    /// Added to the energy of the whole, -1.0..=1.0.
    pub energy: f32,
    /// Who plays.
    pub parts: Vec<PartKind>,
    /// Ends in a riser.
    pub is_build: bool,
    /// Opens with a crash.
    pub is_drop: bool,
}

/// A form that cannot be laid out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Too few bars for its sections, or too many.
    #[error("{bars} bars; this form takes {min} to {max}", max = FormPlan::MAX_BARS)]
    Length {
        /// How many were asked for.
        bars: usize,
        /// Fewest: one for each section.
        min: usize,
    },
}

/// Lays the form out over its bars and gives every section its chords.
///
/// # Errors
/// `Length` for fewer bars than sections or more than [`FormPlan::MAX_BARS`].
pub fn plan_form(form: &Form, spec: &FormSpec) -> Result<FormPlan, FormError> {
    let laid = lengths(form, spec.num_bars.unwrap_or(form.natural_bars()))?;
    let mut dice = Dice::new(spec.seed, Stream::Form);
    let style = spec.style;
    let tonic = spec.key.or(dice.pick(&style.keys).map(|key| key.0)).unwrap_or(PitchClass::new(0));
    let home = Key::new(tonic, spec.scale.unwrap_or(style.scale));
    let bar = BarShape::new(spec.meter);
    let mut book = Book { spec, bar: &bar, themes: Vec::new(), dice };
    let mut sections = Vec::with_capacity(laid.len());
    let mut chords: Vec<Planned> = Vec::new();
    let mut first_bar = 0;
    for (plan, num_bars) in laid {
        let key = section_key(plan, &home);
        book.write(plan, &key, is_minor_like(home.scale), first_bar, num_bars, &mut chords);
        sections.push(section(plan, key, first_bar, num_bars));
        first_bar += num_bars;
    }
    let changes = Changes::of_planned(home, spec.meter, first_bar, chords);
    Ok(FormPlan { name: form.name.clone(), sections, changes })
}

fn section(plan: &SectionPlan, key: Key, first_bar: usize, num_bars: usize) -> Section {
    let SectionPlan { name, theme, energy, parts, riser, drop, .. } = plan.clone();
    Section { name, theme, first_bar, num_bars, key, energy, parts, is_build: riser, is_drop: drop }
}

/// The sections with their lengths: again and again for forms that repeat, else stretched in proportion.
fn lengths(form: &Form, num_bars: usize) -> Result<Vec<(&SectionPlan, usize)>, FormError> {
    let min = form.sections.len();
    if !(min.max(1)..=FormPlan::MAX_BARS).contains(&num_bars) {
        return Err(FormError::Length { bars: num_bars, min });
    }
    if form.repeats {
        let mut left = num_bars;
        let rounds = form.sections.iter().cycle().map_while(|plan| {
            let bars = usize::from(plan.bars).min(left);
            left -= bars;
            (bars > 0).then_some((plan, bars))
        });
        return Ok(rounds.collect());
    }
    let natural = form.natural_bars().max(1);
    let share = |plan: &SectionPlan| (usize::from(plan.bars) * num_bars / natural).max(1);
    let mut laid: Vec<(&SectionPlan, usize)> = form.sections.iter().map(|plan| (plan, share(plan))).collect();
    // What rounding took or gave: longest sections first.
    loop {
        let sum: usize = laid.iter().map(|(_, bars)| bars).sum();
        let Some(longest) = laid.iter_mut().max_by_key(|(plan, bars)| (*bars, plan.bars)) else { break };
        match sum.cmp(&num_bars) {
            std::cmp::Ordering::Equal => break,
            std::cmp::Ordering::Greater => longest.1 -= 1,
            std::cmp::Ordering::Less => {
                let shortest =
                    laid.iter_mut().min_by_key(|(plan, bars)| bars * natural * 100 / usize::from(plan.bars).max(1));
                let Some(shortest) = shortest else { break };
                shortest.1 += 1;
            }
        }
    }
    Ok(laid)
}

fn section_key(plan: &SectionPlan, home: &Key) -> Key {
    let is_minor = is_minor_like(home.scale);
    let shift = if is_minor { plan.shift_minor } else { plan.shift };
    let scale = match plan.shift_mode {
        Some(Mode::Major) if is_minor => Scale::Major,
        Some(Mode::Minor) if !is_minor => Scale::Minor,
        _ => home.scale,
    };
    if shift == 0 && scale == home.scale {
        return *home;
    }
    Key::new(PitchClass::new(i32::from(home.tonic.get()) + i32::from(shift)), scale)
}

/// Chords by theme.
struct Book<'a> {
    spec: &'a FormSpec<'a>,
    bar: &'a BarShape,
    /// Which progression of the style a theme has.
    themes: Vec<(char, bool, usize)>,
    dice: Dice,
}

impl<'a> Book<'a> {
    /// Writes a section's chords behind those before it.
    fn write(
        &mut self,
        plan: &SectionPlan,
        key: &Key,
        is_home_minor: bool,
        first_bar: usize,
        num_bars: usize,
        chords: &mut Vec<Planned>,
    ) {
        let own = if is_home_minor { &plan.minor } else { &plan.major };
        let style = self.spec.style;
        let (bars, native) = match own {
            // Written in the mode it is for: nothing has to be refitted.
            Some(bars) => (bars, key.scale),
            None => {
                let progression = self.progression(plan.theme, key);
                (&progression.chords, progression.scale.unwrap_or(style.scale))
            }
        };
        let is_native = is_same_family(native, key.scale) || own.is_some();
        let colour = Colour { scale: key.scale, is_native, complexity: self.spec.complexity.get() };
        let begin = chords.len();
        for (index, source) in bar_order(bars.0.len(), num_bars).into_iter().enumerate() {
            let at = (first_bar + index) as f64 * self.bar.beats;
            self.write_bar(bars, source, &colour, key, at, begin, chords);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one bar, and everything that it is written from")]
    fn write_bar(
        &mut self,
        bars: &ChordBars,
        source: usize,
        colour: &Colour,
        key: &Key,
        at: f64,
        begin: usize,
        chords: &mut Vec<Planned>,
    ) {
        for (numeral, from, to) in split(&bars.0[source], self.bar) {
            let chord = colour.chord(numeral, key, &mut self.dice);
            let start = at + from as f64 * STEP_BEATS;
            let end = if to == self.bar.num_steps { at + self.bar.beats } else { at + to as f64 * STEP_BEATS };
            let has_before = chords.len() > begin;
            match chords.last_mut().filter(|last| has_before && last.chord == chord) {
                Some(last) => last.end = end,
                None => chords.push(planned(chord, key, start, end)),
            }
        }
    }

    /// One progression for a theme and mode; other themes get others as long as there are any.
    fn progression(&mut self, theme: char, key: &Key) -> &'a Progression {
        let lines = &self.spec.style.progression;
        let is_minor = is_minor_like(key.scale);
        let known = self.themes.iter().find(|(letter, minor, _)| (*letter, *minor) == (theme, is_minor));
        if let Some(&(_, _, index)) = known {
            return &lines[index];
        }
        let style = self.spec.style;
        let weight = |(index, line): (usize, &Progression)| {
            let native = line.scale.unwrap_or(style.scale);
            let by_scale = match () {
                () if is_same_family(native, key.scale) => 1.0,
                () if is_minor_like(native) == is_minor => 0.05,
                () => 0.001,
            };
            let is_taken = self.themes.iter().any(|(_, _, taken)| *taken == index);
            let by_complexity = if line.complexity.holds(self.spec.complexity.get()) { 1.0 } else { 0.05 };
            line.weight.0 * by_scale * by_complexity * if is_taken { 0.01 } else { 1.0 }
        };
        let index = self.dice.weighted(lines.iter().enumerate().map(weight)).min(lines.len() - 1);
        self.themes.push((theme, is_minor, index));
        &lines[index]
    }
}
