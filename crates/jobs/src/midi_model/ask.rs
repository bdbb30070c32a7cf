//! From a take's spec to what the model is asked.
use super::MidiModelSettings;
use crate::ProviderError;
use crate::style_book::StyleEntry;
use composer::{instrument_program, understand};
use models::midi_model::{DRUM_CHANNEL, KeySignature, MidiModelRequest};
use take::{Amount, Hints, PartKind, PitchClass, Scale, TakeSpec};

/// The standard kit.
const DRUM_KIT: u8 = 0;

/// An instrument that the model is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Voice {
    pub kind: PartKind,
    pub name: String,
    pub program: u8,
    /// Where the model writes its notes.
    pub channel: u8,
}

/// A request, and what its answer is read with.
pub(super) struct Asked {
    pub request: MidiModelRequest,
    pub voices: Vec<Voice>,
    pub key: (PitchClass, Scale),
    /// What the words say about swing.
    pub swing: Option<Amount>,
}

impl Asked {
    /// Exactly the bars of `spec`, with the instruments of its style and words.
    ///
    /// # Errors
    /// [`ProviderError::NoNotes`] where the words leave nobody to play.
    pub fn of(spec: &TakeSpec, entry: &StyleEntry, settings: &MidiModelSettings) -> Result<Self, ProviderError> {
        let hints = understand(&spec.prompt);
        let voices = voices(entry, &hints);
        if voices.is_empty() {
            return Err(ProviderError::NoNotes);
        }
        let key = key_of(spec, entry, &hints);
        let (drums, pitched): (Vec<&Voice>, Vec<&Voice>) =
            voices.iter().partition(|voice| voice.kind == PartKind::Drums);
        let MidiModelSettings { temperature, top_p, top_k, .. } = *settings;
        let request = MidiModelRequest {
            meter: Some(spec.meter),
            key: Some(KeySignature { tonic: key.0, is_minor: theory::is_minor_like(key.1) }),
            programs: pitched.iter().map(|voice| voice.program).collect(),
            drum_kit: drums.first().map(|voice| voice.program),
            temperature,
            top_p,
            top_k,
            ..MidiModelRequest::new(spec.num_beats(), spec.tempo.get(), spec.seed)
        };
        Ok(Self { request, voices, key, swing: hints.swing })
    }
}

/// The style's own players, or those that the words name, in the order of the parts of a take.
fn voices(entry: &StyleEntry, hints: &Hints) -> Vec<Voice> {
    let style = &entry.style;
    let players = [
        (PartKind::Drums, &style.drums.name, style.drums.is_on, DRUM_KIT),
        (PartKind::Bass, &style.bass.name, style.bass.is_on, style.bass.program.0),
        (PartKind::Harmony, &style.harmony.name, style.harmony.is_on, style.harmony.program.0),
        (PartKind::Melody, &style.melody.name, style.melody.is_on, style.melody.program.0),
    ];
    let mut voices = Vec::new();
    // Pitched instruments count up from channel 0; there are three at most.
    let mut channel = 0;
    for (kind, name, is_on, program) in players {
        let wishes = hints.part(kind);
        if !wishes.is_wanted.unwrap_or(is_on) {
            continue;
        }
        let is_drums = kind == PartKind::Drums;
        let asked = wishes.instrument.as_deref().filter(|_| !is_drums).and_then(instrument_program);
        let own = if is_drums { DRUM_CHANNEL } else { channel };
        channel += u8::from(!is_drums);
        voices.push(Voice { kind, name: name.clone(), program: asked.unwrap_or(program), channel: own });
    }
    voices
}

/// The key that was asked for, in words too; else one of the style's, by the seed.
fn key_of(spec: &TakeSpec, entry: &StyleEntry, hints: &Hints) -> (PitchClass, Scale) {
    let keys = &entry.style.keys;
    let own = || keys.get((spec.seed % keys.len().max(1) as u64) as usize).map_or(PitchClass::new(0), |tonic| tonic.0);
    let tonic = spec.key.or(hints.key).unwrap_or_else(own);
    (tonic, spec.scale.or(hints.scale).unwrap_or(entry.style.scale))
}
