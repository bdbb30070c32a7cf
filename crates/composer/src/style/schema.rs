//! The music half of a style file, field by field. What each means for users: docs/STYLE_FILES.md.
use super::steps::{BassAlphabet, ChordAlphabet, DrumAlphabet, RhythmAlphabet, Steps};
use super::values::{Band, ChordBars, Dial, Gate, NoteRange, PushMs, Tonic, Voicing, Weight};
use serde::Deserialize;
use take::{Bpm, Meter, Scale};

/// A style: everything the composer knows about how a music goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Id, the file name without its ending.
    #[serde(skip)]
    pub id: String,
    /// Name for people.
    pub name: String,
    /// One sentence about it.
    #[serde(default)]
    pub about: String,
    /// Default tempo.
    pub tempo: Bpm,
    /// Default swing, 0.0 straight ..= 1.0 triplet.
    #[serde(default = "zero")]
    pub swing: Dial,
    /// What swings: eighths or sixteenths.
    #[serde(default)]
    pub swing_unit: SwingUnit,
    /// Tonics to choose from where none is asked for.
    pub keys: Vec<Tonic>,
    /// Scale of progressions that name none.
    pub scale: Scale,
    /// Whether a listener should hear a key; false for noise music.
    #[serde(default = "yes")]
    pub is_tonal: bool,
    /// Chord progressions.
    pub progression: Vec<Progression>,
    /// Kit.
    pub drums: Drums,
    /// Bass.
    pub bass: Bass,
    /// Chords.
    pub harmony: Harmony,
    /// Lead.
    pub melody: Melody,
    /// Atmosphere.
    pub texture: Option<Texture>,
    /// The synth's half; not read here.
    #[serde(default)]
    #[expect(dead_code, reason = "named so that it is allowed")]
    sound: serde::de::IgnoredAny,
}

/// Eighths or sixteenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwingUnit {
    /// The off-beat eighth comes late.
    Eighth,
    /// Every other sixteenth comes late.
    #[default]
    Sixteenth,
}

/// One chord progression.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progression {
    /// Bars of Roman numerals.
    pub chords: ChordBars,
    /// Its scale where it is not the style's.
    pub scale: Option<Scale>,
    /// Complexity it is for.
    #[serde(default)]
    pub complexity: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
}

/// The kit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drums {
    /// Track name.
    pub name: String,
    /// Plays unless asked away; false = plays only when asked for.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// Energy from which a crash opens the loop; none without.
    pub crash: Option<Dial>,
    /// Stutters by default.
    #[serde(default = "zero")]
    pub glitch: Dial,
    /// Patterns.
    pub groove: Vec<Groove>,
    /// Phrase endings.
    #[serde(default)]
    pub fill: Vec<Fill>,
}

/// A drum pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groove {
    /// For the eye.
    #[serde(default)]
    pub name: String,
    /// Energy it is for.
    #[serde(default)]
    pub energy: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
    /// The meter it is written in; 4/4 is adapted to any.
    pub meter: Option<Meter>,
    /// One per drum.
    pub lanes: Vec<Lane>,
}

/// One drum of a groove.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Which drum.
    pub drum: Drum,
    /// When.
    pub steps: Steps<DrumAlphabet>,
    /// Energy from which it plays.
    #[serde(default = "zero")]
    pub from: Dial,
    /// Which bars: `0001` is every fourth.
    pub bars: Option<BarMask>,
    /// Micro-timing; full from humanise 0.3 up, none at 0.
    #[serde(default = "no_push")]
    pub push_ms: PushMs,
}

/// Zeros and ones, repeated over the bars.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BarMask(Vec<bool>);

impl TryFrom<String> for BarMask {
    type Error = BarMaskError;
    fn try_from(text: String) -> Result<Self, BarMaskError> {
        let is_mask = (1..=32).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0' | b'1'));
        if is_mask { Ok(Self(text.bytes().map(|b| b == b'1').collect())) } else { Err(BarMaskError(text)) }
    }
}

impl BarMask {
    /// Whether bar `bar` sounds.
    pub fn has(&self, bar: usize) -> bool {
        self.0[bar % self.0.len()]
    }
}

/// Text that is no mask.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{0}` is not 1 to 32 zeros and ones")]
pub struct BarMaskError(String);

/// What happens at the end of a phrase; its strings are laid against the end of the bar.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// Energy it is for.
    #[serde(default)]
    pub energy: Band,
    /// Complexity it is for.
    #[serde(default)]
    pub complexity: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
    /// Drums that stop for it; those in `lanes` stop anyway.
    #[serde(default)]
    pub mute: Vec<Drum>,
    /// What plays instead.
    #[serde(default)]
    pub lanes: Vec<FillLane>,
}

/// One drum of a fill.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillLane {
    /// Which drum.
    pub drum: Drum,
    /// When, up to a bar.
    pub steps: Steps<DrumAlphabet>,
}

/// Drums by name; their General MIDI percussion numbers are [`Drum::key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum Drum {
    Kick,
    Snare,
    SnareTwo,
    Rim,
    Clap,
    ClosedHat,
    PedalHat,
    OpenHat,
    Ride,
    RideBell,
    Crash,
    LowTom,
    MidTom,
    HighTom,
    Shaker,
    Maracas,
    Tambourine,
    Cowbell,
    Clave,
    WoodBlock,
    LowWoodBlock,
    Guiro,
    Triangle,
    HighBongo,
    LowBongo,
    HighConga,
    MuteConga,
    LowConga,
    HighTimbale,
    LowTimbale,
}

impl Drum {
    /// General MIDI percussion key.
    pub fn key(self) -> u8 {
        match self {
            Drum::Kick => 36,
            Drum::Rim => 37,
            Drum::Snare => 38,
            Drum::Clap => 39,
            Drum::SnareTwo => 40,
            Drum::ClosedHat => 42,
            Drum::PedalHat => 44,
            Drum::LowTom => 45,
            Drum::OpenHat => 46,
            Drum::MidTom => 47,
            Drum::Crash => 49,
            Drum::HighTom => 50,
            Drum::Ride => 51,
            Drum::RideBell => 53,
            Drum::Tambourine => 54,
            Drum::Cowbell => 56,
            Drum::HighBongo => 60,
            Drum::LowBongo => 61,
            Drum::MuteConga => 62,
            Drum::HighConga => 63,
            Drum::LowConga => 64,
            Drum::HighTimbale => 65,
            Drum::LowTimbale => 66,
            Drum::Maracas => 70,
            Drum::Guiro => 73,
            Drum::Clave => 75,
            Drum::WoodBlock => 76,
            Drum::LowWoodBlock => 77,
            Drum::Triangle => 81,
            Drum::Shaker => 82,
        }
    }
}

/// What every pitched part says about itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bass {
    /// Track name.
    pub name: String,
    /// General MIDI program 0..=127.
    pub program: Program,
    /// Plays unless asked away.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// Lowest and highest note.
    pub range: NoteRange,
    /// What it does about the kick.
    #[serde(default)]
    pub kick: KickRule,
    /// Whether approach notes may leave the scale.
    #[serde(default = "no")]
    pub is_chromatic: bool,
    /// Sounding share of the written length.
    #[serde(default = "full_gate")]
    pub gate: Gate,
    /// Lines.
    pub pattern: Vec<BassPattern>,
}

/// How the bass treats the kick drum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KickRule {
    /// Does not listen.
    #[default]
    Free,
    /// Falls onto it.
    Lock,
    /// Plays where it does not.
    Answer,
}

/// A bass line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BassPattern {
    /// When and which tone; `None` = it walks, one note a beat.
    pub steps: Option<Steps<BassAlphabet>>,
    /// Energy it is for.
    #[serde(default)]
    pub energy: Band,
    /// Complexity it is for.
    #[serde(default)]
    pub complexity: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
}

/// The chords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harmony {
    /// Track name.
    pub name: String,
    /// General MIDI program.
    pub program: Program,
    /// Plays unless asked away.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// Lowest and highest note.
    pub range: NoteRange,
    /// How chords are laid out.
    pub voicing: Voicing,
    /// Most voices.
    pub voices: Voices,
    /// Sounding share of the written length.
    #[serde(default = "full_gate")]
    pub gate: Gate,
    /// Time from the first to the last string of a strum; full from humanise 0.3 up.
    #[serde(default = "no_push")]
    pub strum_ms: PushMs,
    /// Micro-timing.
    #[serde(default = "no_push")]
    pub push_ms: PushMs,
    /// Comping patterns.
    pub pattern: Vec<ChordPattern>,
}

/// A comping pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChordPattern {
    /// When and which voices.
    pub steps: Steps<ChordAlphabet>,
    /// Energy it is for.
    #[serde(default)]
    pub energy: Band,
    /// Complexity it is for.
    #[serde(default)]
    pub complexity: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
}

/// The lead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Melody {
    /// Track name.
    pub name: String,
    /// General MIDI program.
    pub program: Program,
    /// Plays unless asked away.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// Lowest and highest note.
    pub range: NoteRange,
    /// Scale of the line where it is a part of the take's.
    pub scale: Option<Scale>,
    /// Chance of a leap where a step would do.
    #[serde(default = "zero")]
    pub leap: Dial,
    /// Sounding share of the written length.
    #[serde(default = "full_gate")]
    pub gate: Gate,
    /// Micro-timing.
    #[serde(default = "no_push")]
    pub push_ms: PushMs,
    /// Orders of motifs, one letter a motif length: `AABA`, `A.B.`.
    pub forms: Vec<Form>,
    /// Rhythms of motifs.
    pub motif: Vec<Motif>,
}

/// Letters `A`, `B`, `C`, small for a varied repeat, `.` for silence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Form(pub Vec<u8>);

impl TryFrom<String> for Form {
    type Error = FormError;
    fn try_from(text: String) -> Result<Self, FormError> {
        let is_form = (1..=32).contains(&text.len()) && text.bytes().all(|b| b"ABCabc.".contains(&b));
        let is_silent = text.bytes().all(|b| b == b'.');
        if is_form && !is_silent { Ok(Self(text.into_bytes())) } else { Err(FormError(text)) }
    }
}

/// Text that is no form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{0}` is not a form: 1 to 32 of A B C a b c and `.`, not silence alone")]
pub struct FormError(String);

/// The rhythm of a motif.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Motif {
    /// When.
    pub steps: Steps<RhythmAlphabet>,
    /// Energy it is for.
    #[serde(default)]
    pub energy: Band,
    /// Complexity it is for.
    #[serde(default)]
    pub complexity: Band,
    /// How often.
    #[serde(default = "one")]
    pub weight: Weight,
}

/// Atmosphere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texture {
    /// Track name.
    pub name: String,
    /// General MIDI program.
    pub program: Program,
    /// Plays unless asked away.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// Lowest and highest note.
    pub range: NoteRange,
    /// What it plays.
    pub kind: TextureKind,
    /// How much of it.
    #[serde(default = "half")]
    pub density: Dial,
}

/// What a texture plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextureKind {
    /// Tonic and fifth, held over bars.
    Drone,
    /// Long chord tones that come and go.
    Swell,
    /// Single high notes here and there.
    Pings,
    /// One low note a bar, for noises that need only a gate.
    Bed,
}

macro_rules! whole_number {
    ($(#[$doc:meta])* $type:ident, $low:literal, $high:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "i64")]
        pub struct $type(pub u8);
        impl TryFrom<i64> for $type {
            type Error = WholeError;
            fn try_from(value: i64) -> Result<Self, WholeError> {
                if ($low..=$high).contains(&value) { Ok(Self(value as u8)) } else { Err(WholeError { value, low: $low, high: $high }) }
            }
        }
    };
}

whole_number!(
    /// General MIDI program, 0..=127.
    Program, 0, 127);
whole_number!(
    /// Voices of a chord, 1..=6.
    Voices, 1, 6);

/// A whole number outside its limits.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{value} is outside {low}..={high}")]
pub struct WholeError {
    value: i64,
    low: i64,
    high: i64,
}

fn yes() -> bool {
    true
}
fn no() -> bool {
    false
}
fn zero() -> Dial {
    super::values::Within(0.0)
}
fn half() -> Dial {
    super::values::Within(0.5)
}
fn one() -> Weight {
    super::values::Within(1.0)
}
fn no_push() -> PushMs {
    super::values::Within(0.0)
}
fn full_gate() -> Gate {
    super::values::Within(0.95)
}
