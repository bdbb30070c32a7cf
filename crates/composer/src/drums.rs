//! The kit: grooves, ghost notes, fills, crashes.
use crate::context::{Context, Extra, Fills, Raw, choose, fit};
use crate::dice::{Dice, Stream};
use crate::grid::{SOURCE_STEPS, STEP_BEATS};
use crate::style::{Drum, Fill, Groove, Lane};
use take::PartKind;

/// What the drummer plays, and where the bass player hears the kick.
pub(crate) struct DrumTake {
    pub notes: Vec<Raw>,
    /// Per bar and step.
    pub kicks: Vec<Vec<bool>>,
}

pub(crate) fn play(context: &Context) -> DrumTake {
    let mut dice = Dice::new(context.seed, Stream::Drums);
    let mut take = DrumTake { notes: Vec::new(), kicks: vec![vec![false; context.bar.num_steps]; context.num_bars] };
    let Some(groove) = choose_groove(context, &mut dice) else { return take };
    for bar in 0..context.num_bars {
        let fill = fill_for(context, bar, &mut dice);
        for lane in &groove.lanes {
            play_lane(context, groove, lane, bar, fill, &mut dice, &mut take);
        }
        match (fill, context.fills) {
            (None, _) => {}
            (Some(fill), Fills::ByChance) => play_fill(context, fill, bar, &mut dice, &mut take),
            // With dice of its own: a fill that somebody asks for leaves the bars after it as they were.
            (Some(fill), Fills::Only(_)) => {
                let mut dice = Dice::new(context.seed.wrapping_add(bar as u64 + 1), Stream::Drums);
                play_fill(context, fill, bar, &mut dice, &mut take);
            }
        }
    }
    let crash_from = context.style.drums.crash.map_or(2.0, |dial| dial.0);
    if context.part_energy(PartKind::Drums) >= crash_from {
        for bar in (0..context.num_bars).step_by(8) {
            let start = context.beat(bar, 0);
            take.notes.push(note(context, Drum::Crash, start, 100.0, 0.0));
        }
    }
    take
}

/// Written in this meter if there are such grooves, for this energy, by weight.
fn choose_groove<'s>(context: &Context<'s>, dice: &mut Dice) -> Option<&'s Groove> {
    let grooves = &context.style.drums.groove;
    let energy = context.part_energy(PartKind::Drums);
    let beats = context.bar.beats;
    let is_native = |groove: &Groove| groove.meter.is_some_and(|meter| meter.bar_beats().0 == beats);
    let is_common = |groove: &Groove| groove.meter.is_none();
    let any_native = grooves.iter().any(is_native);
    let suits = |groove: &Groove| if any_native { is_native(groove) } else { is_common(groove) };
    let any_energy = grooves.iter().any(|groove| suits(groove) && groove.energy.holds(energy));
    let weights = grooves.iter().map(|groove| {
        let fits = suits(groove) && (groove.energy.holds(energy) || !any_energy);
        if fits { groove.weight.0 } else { 0.0 }
    });
    grooves.get(dice.weighted(weights))
}

fn fill_for<'s>(context: &Context<'s>, bar: usize, dice: &mut Dice) -> Option<&'s Fill> {
    let complexity = context.part_complexity(PartKind::Drums);
    let is_last = bar + 1 == context.num_bars && context.num_bars > 1;
    let wants = dice.chance(if is_last { 0.55 + complexity } else { 0.15 + 0.75 * complexity });
    let fill = choose(&context.style.drums.fill, context.part_energy(PartKind::Drums), complexity, dice);
    let is_here = match context.fills {
        Fills::ByChance => wants && context.ends_phrase(bar),
        Fills::Only(wanted) => wanted == Some(bar),
    };
    fill.filter(|_| is_here)
}

/// First step of a fill in a bar.
fn fill_start(context: &Context, fill: &Fill) -> usize {
    let length = fill.lanes.iter().map(|lane| lane.steps.bytes().len()).max().unwrap_or(4);
    context.bar.num_steps.saturating_sub(length.min(SOURCE_STEPS))
}

fn play_lane(
    context: &Context,
    groove: &Groove,
    lane: &Lane,
    bar: usize,
    fill: Option<&Fill>,
    dice: &mut Dice,
    take: &mut DrumTake,
) {
    let energy = context.part_energy(PartKind::Drums);
    if energy < lane.from.0 || lane.bars.as_ref().is_some_and(|bars| !bars.has(bar)) {
        return;
    }
    let stops_at = fill
        .filter(|fill| fill.mute.contains(&lane.drum) || fill.lanes.iter().any(|other| other.drum == lane.drum))
        .map_or(usize::MAX, |fill| fill_start(context, fill));
    let steps = lane_steps(context, groove, lane, bar);
    for (step, &mark) in steps.iter().enumerate() {
        let mark = thinned(context, mark, step, dice);
        if step < stops_at && mark != b'.' {
            hit(context, lane.drum, bar, step, mark, lane.push_ms.0, take);
        }
    }
}

fn lane_steps(context: &Context, groove: &Groove, lane: &Lane, bar: usize) -> Vec<u8> {
    if groove.meter.is_some() {
        return (0..context.bar.num_steps).map(|step| lane.steps.at(bar, step, context.bar.num_steps)).collect();
    }
    let marks = lane.steps.bytes();
    let hits = marks.iter().filter(|&&mark| mark != b'.').count();
    let is_steady = hits * 16 >= marks.len() * 5 && lane.drum != Drum::Kick && lane.drum != Drum::Snare;
    let extra = if is_steady { Extra::Repeat } else { Extra::Hold };
    let mut steps = fit(&context.bar, |step| lane.steps.at(bar, step, SOURCE_STEPS), extra);
    steps.iter_mut().filter(|mark| **mark == b'~').for_each(|mark| *mark = b'.');
    steps
}

/// Decides the marks that are left to chance, and thins or thickens as the prompt wishes.
fn thinned(context: &Context, mark: u8, step: usize, dice: &mut Dice) -> u8 {
    let complexity = context.part_complexity(PartKind::Drums);
    let density = context.density(PartKind::Drums);
    let roll = dice.unit();
    let is_weak = context.bar.strength(step) == 0;
    match mark {
        b'g' if roll < 0.25 + 0.75 * complexity => b'g',
        b'?' if roll < 0.1 + 0.7 * complexity => b'?',
        b'g' | b'?' => b'.',
        b'o' | b'x' if is_weak && roll < -density * 0.8 => b'.',
        b'r' | b't' if complexity < 0.15 => b'x',
        other => other,
    }
}

fn hit(context: &Context, drum: Drum, bar: usize, step: usize, mark: u8, push_ms: f32, take: &mut DrumTake) {
    let start = context.beat(bar, step);
    let (velocity, repeats) = match mark {
        b'X' => (122.0, 1),
        b'x' => (100.0, 1),
        b'o' => (76.0, 1),
        b'g' => (40.0, 1),
        b'?' => (66.0, 1),
        b'r' => (88.0, 2),
        _ => (84.0, 3),
    };
    if drum == Drum::Kick && mark != b'g' {
        take.kicks[bar][step] = true;
    }
    for repeat in 0..repeats {
        let at = start + STEP_BEATS * f64::from(repeat) / f64::from(repeats);
        if at < (bar + 1) as f64 * context.bar.beats - 1e-9 {
            let fade = 1.0 - 0.14 * (repeats - 1 - repeat) as f32;
            take.notes.push(note(context, drum, at, velocity * fade, push_ms));
        }
    }
}

fn play_fill(context: &Context, fill: &Fill, bar: usize, dice: &mut Dice, take: &mut DrumTake) {
    let first = fill_start(context, fill);
    for lane in &fill.lanes {
        let marks = lane.steps.bytes();
        // Laid against the end of the bar; what does not fit is cut from its beginning.
        let length = context.bar.num_steps - first;
        for step in 0..length {
            let from_end = length - step;
            let mark = marks.len().checked_sub(from_end).map_or(b'.', |index| marks[index]);
            let mark = thinned(context, mark, first + step, dice);
            if mark != b'.' {
                hit(context, lane.drum, bar, first + step, mark, 0.0, take);
            }
        }
    }
}

fn note(context: &Context, drum: Drum, start: f64, velocity: f32, push_ms: f32) -> Raw {
    Raw {
        start,
        duration: STEP_BEATS,
        key: drum.key(),
        velocity: velocity * (0.72 + 0.34 * context.energy),
        push_ms,
        is_exact: drum == Drum::Kick,
    }
}
