//! The host parameters: names, permanent ids, ranges, defaults.
//!
//! Ids are saved in projects and never change; `tests/parameters.txt` freezes them. Names are what scripts look for.
//! What the values mean to the engine and to a spec is in [`read`]; how they read as text is in [`text`].
mod band;
mod choices;
mod read;
mod text;

pub use band::BandParams;
pub use choices::{EngineDial, KeyChoice, ScaleChoice, SourceChoice, StyleChoice, SwapChoice};
pub use text::{SILENCE_DB, SWING_OF_STYLE};

use crate::buttons::Buttons;
use crate::midi_learn::MidiLearn;
use crate::state::SessionField;
use nice_plug::prelude::*;
use std::sync::Arc;
use studio::{ManifestCell, PressAction};

/// Everything a host can automate, and the session that is saved beside it.
#[derive(Params)]
pub struct ContinuoParams {
    /// Prompt, histories, takes: what the studio works on.
    #[persist = "session"]
    pub session: SessionField,
    /// Keys and controllers that move parameters.
    #[persist = "midi"]
    pub midi: MidiLearn,

    /// Style of the next take.
    #[id = "style"]
    pub style: EnumParam<StyleChoice>,
    /// Tonic of the next take.
    #[id = "key"]
    pub key: EnumParam<KeyChoice>,
    /// Scale of the next take.
    #[id = "scale"]
    pub scale: EnumParam<ScaleChoice>,
    /// Length of the next take in bars, 1..=32. Default 8.
    #[id = "bars"]
    pub bars: IntParam,
    /// How hard the band plays, percent. Default 60.
    #[id = "energy"]
    pub energy: IntParam,
    /// How much happens, percent. Default 50.
    #[id = "cmplx"]
    pub complexity: IntParam,
    /// Swing in percent, or the style's own (-1, the default).
    #[id = "swing"]
    pub swing: IntParam,
    /// Looseness in percent. Default 30.
    #[id = "human"]
    pub humanise: IntParam,
    /// When a new take takes over. Default Bar.
    #[id = "swap"]
    pub swap: EnumParam<SwapChoice>,
    /// Crossfade of a swap in milliseconds, 1.0..=500.0. Default 20.0.
    #[id = "xfade"]
    pub crossfade: FloatParam,
    /// Level of the main output in decibels. Default 0.0.
    #[id = "master"]
    pub master: FloatParam,

    /// Deck 1.
    #[nested(id_prefix = "d1", group = "Deck 1")]
    pub deck_1: DeckDials,
    /// Deck 2.
    #[nested(id_prefix = "d2", group = "Deck 2")]
    pub deck_2: DeckDials,
    /// Deck 3.
    #[nested(id_prefix = "d3", group = "Deck 3")]
    pub deck_3: DeckDials,
    /// Deck 4.
    #[nested(id_prefix = "d4", group = "Deck 4")]
    pub deck_4: DeckDials,
    /// Deck 5.
    #[nested(id_prefix = "d5", group = "Deck 5")]
    pub deck_5: DeckDials,
    /// Deck 6.
    #[nested(id_prefix = "d6", group = "Deck 6")]
    pub deck_6: DeckDials,
    /// Deck 7.
    #[nested(id_prefix = "d7", group = "Deck 7")]
    pub deck_7: DeckDials,
    /// Deck 8.
    #[nested(id_prefix = "d8", group = "Deck 8")]
    pub deck_8: DeckDials,

    /// The live band.
    #[nested(group = "Band")]
    pub band: BandParams,

    /// Who makes the next take. Default Band.
    #[id = "engine"]
    pub engine: EnumParam<EngineDial>,

    /// What is cued is heard on the main output too. Default on.
    #[id = "cue_main"]
    pub cue_in_main: BoolParam,

    /// Takes the take of deck 1 apart.
    #[nested(id_prefix = "d1", group = "Deck 1")]
    pub separate_1: SeparateButton,
    /// Takes the take of deck 2 apart.
    #[nested(id_prefix = "d2", group = "Deck 2")]
    pub separate_2: SeparateButton,
    /// Takes the take of deck 3 apart.
    #[nested(id_prefix = "d3", group = "Deck 3")]
    pub separate_3: SeparateButton,
    /// Takes the take of deck 4 apart.
    #[nested(id_prefix = "d4", group = "Deck 4")]
    pub separate_4: SeparateButton,
    /// Takes the take of deck 5 apart.
    #[nested(id_prefix = "d5", group = "Deck 5")]
    pub separate_5: SeparateButton,
    /// Takes the take of deck 6 apart.
    #[nested(id_prefix = "d6", group = "Deck 6")]
    pub separate_6: SeparateButton,
    /// Takes the take of deck 7 apart.
    #[nested(id_prefix = "d7", group = "Deck 7")]
    pub separate_7: SeparateButton,
    /// Takes the take of deck 8 apart.
    #[nested(id_prefix = "d8", group = "Deck 8")]
    pub separate_8: SeparateButton,

    /// Presses of the momentary parameters, waiting for the audio thread.
    pub buttons: Arc<Buttons>,
}

/// One more button of a deck, behind all other parameters: hosts that know them by their place keep theirs.
#[derive(Params)]
pub struct SeparateButton {
    /// Takes the take that is on the deck apart, on a rising edge.
    #[id = "sep"]
    pub press: BoolParam,
}

/// The parameters of one deck. Levels in decibels (-80 is silence), default 0.0; switches default to off except Play.
#[derive(Params)]
pub struct DeckDials {
    /// Makes a take on a rising edge.
    #[id = "gen"]
    pub generate: BoolParam,
    /// The deck sounds while the transport rolls. Default on.
    #[id = "play"]
    pub play: BoolParam,
    /// Arms the next take of the history on a rising edge.
    #[id = "next"]
    pub next: BoolParam,
    /// Arms the previous take of the history on a rising edge.
    #[id = "prev"]
    pub previous: BoolParam,
    /// Stops the job, or disarms the pending take, on a rising edge.
    #[id = "cancel"]
    pub cancel: BoolParam,
    /// Level.
    #[id = "lvl"]
    pub level: FloatParam,
    /// Balance, -1.0 left ..= 1.0 right.
    #[id = "pan"]
    pub pan: FloatParam,
    /// Transposition in semitones, -24.0..=24.0.
    #[id = "pitch"]
    pub pitch: FloatParam,
    /// DJ filter, -1.0 low-pass closed ..= 1.0 high-pass closed.
    #[id = "filt"]
    pub filter: FloatParam,
    /// Filter resonance, 0.0..=1.0. Default 0.1.
    #[id = "reso"]
    pub resonance: FloatParam,
    /// Reverb send, 0.0..=1.0.
    #[id = "rev"]
    pub reverb: FloatParam,
    /// Delay send, 0.0..=1.0.
    #[id = "dly"]
    pub delay: FloatParam,
    /// Level of the drums.
    #[id = "drums"]
    pub drums: FloatParam,
    /// Level of the bass.
    #[id = "bass"]
    pub bass: FloatParam,
    /// Level of the chords.
    #[id = "harm"]
    pub harmony: FloatParam,
    /// Level of the lead.
    #[id = "mel"]
    pub melody: FloatParam,
    /// Level of everything else.
    #[id = "other"]
    pub other: FloatParam,
    /// Mutes the drums.
    #[id = "mdrums"]
    pub mute_drums: BoolParam,
    /// Mutes the bass.
    #[id = "mbass"]
    pub mute_bass: BoolParam,
    /// Mutes the chords.
    #[id = "mharm"]
    pub mute_harmony: BoolParam,
    /// Mutes the lead.
    #[id = "mmel"]
    pub mute_melody: BoolParam,
    /// Mutes everything else.
    #[id = "mother"]
    pub mute_other: BoolParam,
    /// Mutes the deck.
    #[id = "mute"]
    pub mute: BoolParam,
    /// Silences the decks that are not soloed.
    #[id = "solo"]
    pub solo: BoolParam,
}

impl Default for ContinuoParams {
    fn default() -> Self {
        let buttons = Arc::new(Buttons::default());
        let deck = |index| DeckDials::new(index, &buttons);
        let separate = |index| SeparateButton { press: button(&buttons, index, "Separate", PressAction::Separate) };
        Self {
            session: SessionField(Arc::new(ManifestCell::default())),
            midi: MidiLearn::default(),
            style: EnumParam::new("Style", StyleChoice(0)),
            key: EnumParam::new("Key", KeyChoice(None)),
            scale: EnumParam::new("Scale", ScaleChoice(None)),
            bars: text::bars("Bars"),
            energy: text::percent("Energy", 60),
            complexity: text::percent("Complexity", 50),
            swing: text::swing("Swing"),
            humanise: text::percent("Humanise", 30),
            engine: EnumParam::new("Engine", EngineDial::default()),
            swap: EnumParam::new("Swap", SwapChoice::default()),
            crossfade: text::crossfade("Crossfade"),
            master: text::level("Master".to_owned()),
            deck_1: deck(0),
            deck_2: deck(1),
            deck_3: deck(2),
            deck_4: deck(3),
            deck_5: deck(4),
            deck_6: deck(5),
            deck_7: deck(6),
            deck_8: deck(7),
            band: BandParams::new(&buttons),
            cue_in_main: BoolParam::new("Cue In Main", true),
            separate_1: separate(0),
            separate_2: separate(1),
            separate_3: separate(2),
            separate_4: separate(3),
            separate_5: separate(4),
            separate_6: separate(5),
            separate_7: separate(6),
            separate_8: separate(7),
            buttons,
        }
    }
}

impl ContinuoParams {
    /// The decks in order.
    pub fn decks(&self) -> [&DeckDials; engine::NUM_DECKS] {
        [&self.deck_1, &self.deck_2, &self.deck_3, &self.deck_4, &self.deck_5, &self.deck_6, &self.deck_7, &self.deck_8]
    }

    /// The buttons that take a deck's take apart, in the decks' order.
    pub fn separate(&self) -> [&BoolParam; engine::NUM_DECKS] {
        let first = [&self.separate_1, &self.separate_2, &self.separate_3, &self.separate_4];
        let last = [&self.separate_5, &self.separate_6, &self.separate_7, &self.separate_8];
        let [a, b, c, d] = first.map(|button| &button.press);
        let [e, f, g, h] = last.map(|button| &button.press);
        [a, b, c, d, e, f, g, h]
    }
}

/// A momentary parameter of deck `index` (0..8) that reports to `buttons`.
fn button(buttons: &Arc<Buttons>, index: usize, dial: &str, action: PressAction) -> BoolParam {
    let buttons = Arc::clone(buttons);
    BoolParam::new(format!("Deck {} {dial}", index + 1), false)
        .with_callback(Arc::new(move |is_on| buttons.changed(index, action, is_on)))
}

impl DeckDials {
    /// Dials of deck `index` (0..8), whose buttons report to `buttons`.
    fn new(index: usize, buttons: &Arc<Buttons>) -> Self {
        let name = |dial: &str| format!("Deck {} {dial}", index + 1);
        let switch = |dial: &str| BoolParam::new(name(dial), false);
        let button = |dial: &str, action: PressAction| button(buttons, index, dial, action);
        Self {
            generate: button("Generate", PressAction::Generate),
            play: BoolParam::new(name("Play"), true),
            next: button("Next", PressAction::Next),
            previous: button("Previous", PressAction::Previous),
            cancel: button("Cancel", PressAction::Cancel),
            level: text::level(name("Level")),
            pan: text::pan(name("Pan")),
            pitch: text::pitch(name("Pitch")),
            filter: text::filter(name("Filter")),
            resonance: text::share(name("Resonance"), 0.1),
            reverb: text::share(name("Reverb"), 0.0),
            delay: text::share(name("Delay"), 0.0),
            drums: text::level(name("Drums")),
            bass: text::level(name("Bass")),
            harmony: text::level(name("Harmony")),
            melody: text::level(name("Melody")),
            other: text::level(name("Other")),
            mute_drums: switch("Mute Drums"),
            mute_bass: switch("Mute Bass"),
            mute_harmony: switch("Mute Harmony"),
            mute_melody: switch("Mute Melody"),
            mute_other: switch("Mute Other"),
            mute: switch("Mute"),
            solo: switch("Solo"),
        }
    }
}
