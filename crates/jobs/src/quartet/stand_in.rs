//! Who plays when the model does not.
use super::SectionRequest;
use crate::StyleEntry;
use composer::tracker::Pattern;
use composer::{Changes, PhraseRequest, Swing, accompany};
use std::sync::Arc;
use take::{Amount, Part};
use theory::Chord;

/// Plays a section at once, from what is known, without fail.
pub trait StandIn: Send {
    /// The section's parts on the straight grid, from its first beat. The same request and seed give the same notes.
    fn play(&mut self, request: &SectionRequest<'_>, seed: u64) -> Vec<Part>;
}

/// The built-in band in one of its styles.
#[derive(Debug, Clone)]
pub struct BandStandIn {
    style: Arc<StyleEntry>,
}

/// Sections after which the drummer fills.
const FILL_EVERY: u64 = 4;

impl BandStandIn {
    /// Plays in `style`; a jazz quartet in `jazz`.
    pub fn new(style: Arc<StyleEntry>) -> Self {
        Self { style }
    }
}

impl StandIn for BandStandIn {
    fn play(&mut self, request: &SectionRequest<'_>, seed: u64) -> Vec<Part> {
        // What is no chord symbol is a rest for the chords: `N.C.`.
        let chords = request.chords.iter().map(|span| (span.start, Chord::parse(&span.symbol).ok()));
        // One bar more than is played: the walk has to know where it goes.
        let Ok(changes) = Changes::new(request.key, request.meter, request.num_bars + 1, chords) else {
            return Vec::new();
        };
        let is_last_of_four = request.number.wrapping_add(1).is_multiple_of(FILL_EVERY);
        accompany(&PhraseRequest {
            style: &self.style.style,
            changes: &changes,
            num_bars: request.num_bars,
            tempo: request.tempo,
            number: i64::try_from(request.number).unwrap_or(i64::MAX),
            intensity: Amount::new(0.6),
            complexity: Amount::new(0.5),
            humanise: Amount::NONE,
            swing: Some(Amount::NONE),
            seed,
            fill_bar: is_last_of_four.then(|| request.num_bars.saturating_sub(1)),
        })
    }
}

/// A stand-in's section on the grid that models write on, so that both sound like one band.
pub(super) fn pattern(stand_in: &mut dyn StandIn, request: &SectionRequest<'_>, seed: u64) -> Pattern {
    let parts = stand_in.play(request, seed);
    Pattern::from_parts(&parts, request.meter, request.num_bars, Swing::STRAIGHT).pattern
}
