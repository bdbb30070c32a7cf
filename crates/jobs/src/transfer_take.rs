//! A MIDI file or a take in another style: the melody and the form stay.
use crate::midi_chords::named;
use crate::midi_take::{Cut, cut_of};
use crate::parts_take::PartsSpec;
use crate::{BandProvider, CancelToken, MidiImport, MidiTake, Progress, ProviderError};
use composer::Style;
use composer::arrange::BandSpec;
use composer::transfer::{Material, TransferError, transfer};
use library::{MidiReadError, read_midi};
use std::borrow::Cow;
use take::{BarCount, Bpm, SampleRate, StyleId, Take};
use theory::Key;

/// A style to carry music over into, which of its grooves, and which of its many ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetStyle {
    /// Whose chords, players and sound.
    pub id: StyleId,
    /// The one groove it is to play, by its name; any of the style's where absent.
    pub groove: Option<String>,
    /// Seed of every choice.
    pub seed: u64,
}

/// Why music does not come over into another style.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransferTakeError {
    /// The MIDI file is refused.
    #[error(transparent)]
    Read(#[from] MidiReadError),
    /// There is nothing to carry over.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The result cannot be made into a take.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// What a transferred take is called, how long it is and how fast.
struct Frame {
    name: String,
    tempo: Bpm,
    bars: BarCount,
}

impl BandProvider {
    /// The style people mean: by its id, else by a groove that has the word in its name (`bossa`, `waltz`); seed 1.
    /// `None` where neither is known.
    pub fn target_style(&self, name: &str) -> Option<TargetStyle> {
        let book = self.styles();
        let wanted = name.trim().to_lowercase();
        let id = wanted.replace([' ', '-'], "_");
        if let Some(entry) = book.entries().find(|entry| entry.id.as_str() == id || entry.id.as_str() == name) {
            return Some(TargetStyle { id: entry.id.clone(), groove: None, seed: 1 });
        }
        let words: Vec<&str> = wanted.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect();
        let is_meant = |groove: &str| words.first().is_some_and(|word| groove.split(' ').any(|own| own == *word));
        book.entries().find_map(|entry| {
            let groove = entry.style.drums.groove.iter().find(|groove| is_meant(&groove.name))?;
            Some(TargetStyle { id: entry.id.clone(), groove: Some(groove.name.clone()), seed: 1 })
        })
    }

    /// The bars of a MIDI file that `wanted` names, in the style `to`, as a take. The style of `wanted` is not looked at.
    /// The same bytes, wishes and target give the same take.
    ///
    /// # Errors
    /// [`TransferTakeError`]; nothing is left behind.
    pub fn transfer_midi(
        &self,
        file: &[u8],
        wanted: &MidiImport,
        to: &TargetStyle,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<MidiTake, TransferTakeError> {
        progress.report(0.0, "reading the MIDI file");
        let file = read_midi(file)?;
        let mut remarks: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
        let Cut { tempo, bars, parts, stretch, name } = cut_of(&file, wanted, &mut remarks)?;
        cancel.check().map_err(ProviderError::from)?;
        let chords = named(&file, stretch);
        let key = file.key.map(|(tonic, scale)| Key::new(tonic, scale));
        let num_bars = usize::from(bars.get());
        let material = Material { parts: &parts, chords: &chords, key, meter: file.meter, num_bars };
        let take = self.transferred(&material, to, Frame { name, tempo, bars }, rate, progress, cancel)?;
        Ok(MidiTake { take, remarks })
    }

    /// A take in the style `to`, at its own tempo.
    ///
    /// # Errors
    /// [`TransferTakeError`]; `Transfer` for a take that has no notes with a pitch, such as audio alone.
    pub fn transfer_take(
        &self,
        take: &Take,
        to: &TargetStyle,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, TransferTakeError> {
        let info = &take.info;
        let material = Material {
            parts: &take.parts,
            chords: &info.chords,
            key: Some(Key::new(info.key, info.scale)),
            meter: info.meter,
            num_bars: usize::from(info.bars.get()),
        };
        let frame = Frame { name: to.id.as_str().replace('_', " "), tempo: info.tempo, bars: info.bars };
        self.transferred(&material, to, frame, rate, progress, cancel)
    }

    fn transferred(
        &self,
        material: &Material<'_>,
        to: &TargetStyle,
        frame: Frame,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, TransferTakeError> {
        let entry = self.style(&to.id)?;
        let style = with_groove(&entry.style, to.groove.as_deref());
        let spec = BandSpec { tempo: frame.tempo, ..BandSpec::new(&style, to.seed) };
        let composition = transfer(material, &spec)?;
        cancel.check().map_err(ProviderError::from)?;
        let parts = PartsSpec {
            name: frame.name,
            style: to.id.clone(),
            tempo: frame.tempo,
            meter: material.meter,
            bars: frame.bars,
            key: (composition.key, composition.scale),
            chords: composition.chords,
            parts: composition.parts,
            seed: to.seed,
        };
        Ok(self.take_from_parts(parts, rate, progress, cancel)?)
    }
}

/// The style with one groove only, at any energy.
fn with_groove<'s>(style: &'s Style, groove: Option<&str>) -> Cow<'s, Style> {
    let Some(name) = groove else { return Cow::Borrowed(style) };
    let mut only = style.clone();
    only.drums.groove.retain(|groove| groove.name == name);
    if only.drums.groove.is_empty() { Cow::Borrowed(style) } else { Cow::Owned(only) }
}
