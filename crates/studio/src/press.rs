//! Buttons pressed on the audio thread (by a host lane or a note), carried to the studio through a ring.
use engine::{DeckIndex, SwapAt};
use jobs::EngineChoice;
use take::{Amount, BarCount, PitchClass, Scale};

/// The host parameters that make a spec, as they stood at the sample of the press. `Copy`: safe on the audio thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knobs {
    /// Who makes it.
    pub engine: EngineChoice,
    /// Index into `take::BUILT_IN_STYLES`; one past its end means the user style named in the session.
    pub style: usize,
    /// `None`: the style's own.
    pub key: Option<PitchClass>,
    /// `None`: the style's own.
    pub scale: Option<Scale>,
    /// Length.
    pub bars: BarCount,
    /// How hard.
    pub energy: Amount,
    /// How much.
    pub complexity: Amount,
    /// `None`: the style's own.
    pub swing: Option<Amount>,
    /// Looseness.
    pub humanise: Amount,
    /// Host tempo in BPM; `None` or nonsense: the style's own.
    pub tempo: Option<f64>,
    /// Host meter; `None` or nonsense: 4/4.
    pub meter: Option<(i32, i32)>,
    /// The `Swap` parameter.
    pub at: SwapAt,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressAction {
    /// A rising edge on `Deck n Generate`.
    Generate,
    /// A rising edge on `Deck n Next`.
    Next,
    /// A rising edge on `Deck n Previous`.
    Previous,
    /// A rising edge on `Deck n Cancel`.
    Cancel,
    /// A rising edge on `Deck n Separate`.
    Separate,
}

/// One press.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Press {
    /// Where.
    pub deck: DeckIndex,
    /// What.
    pub action: PressAction,
    /// With which settings.
    pub knobs: Knobs,
}
