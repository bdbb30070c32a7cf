//! The lists behind `Style`, `Key`, `Scale` and `Swap`: names for people, permanent ids for saved states.
use engine::SwapAt;
use nice_plug::prelude::Enum;
use studio::{ChordSource, EngineChoice};
use take::{BUILT_IN_STYLES, PitchClass, Scale};

const NUM_STYLES: usize = BUILT_IN_STYLES.len() + 1;

/// Names (`pick_id` false) or ids of the style list: the built-in ones, then the user's.
const fn styles(pick_id: bool) -> [&'static str; NUM_STYLES] {
    let mut list = [if pick_id { "user" } else { "User" }; NUM_STYLES];
    let mut index = 0;
    while index < BUILT_IN_STYLES.len() {
        list[index] = if pick_id { BUILT_IN_STYLES[index].0 } else { BUILT_IN_STYLES[index].1 };
        index += 1;
    }
    list
}

/// A built-in style, or the user's own file named in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StyleChoice(pub usize);

impl Enum for StyleChoice {
    fn variants() -> &'static [&'static str] {
        const { &styles(false) }
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(const { &styles(true) })
    }

    fn to_index(self) -> usize {
        self.0
    }

    fn from_index(index: usize) -> Self {
        Self(index)
    }
}

/// Names or ids of the scale list: the style's own, then every scale.
const fn with_style(first: &'static str, scales: [&'static str; Scale::COUNT]) -> [&'static str; Scale::COUNT + 1] {
    let mut list = [first; Scale::COUNT + 1];
    let mut index = 0;
    while index < Scale::COUNT {
        list[index + 1] = scales[index];
        index += 1;
    }
    list
}

/// A tonic, or the style's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyChoice(pub Option<PitchClass>);

impl Enum for KeyChoice {
    fn variants() -> &'static [&'static str] {
        &["Style", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&["style", "c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b"])
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |tonic| usize::from(tonic.get()) + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).map(|semitones| PitchClass::new(semitones as i32)))
    }
}

/// A scale, or the style's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaleChoice(pub Option<Scale>);

impl Enum for ScaleChoice {
    fn variants() -> &'static [&'static str] {
        const { &with_style("Style", Scale::NAMES) }
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(const { &with_style("style", Scale::IDS) })
    }

    fn to_index(self) -> usize {
        let position = self.0.and_then(|scale| Scale::ALL.iter().position(|known| *known == scale));
        position.map_or(0, |position| position + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(|position| Scale::ALL.get(position).copied()))
    }
}

/// Where the band's chords come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceChoice(pub ChordSource);

const SOURCES: [ChordSource; 3] = [ChordSource::Typed, ChordSource::Midi, ChordSource::Sidechain];

impl Enum for SourceChoice {
    fn variants() -> &'static [&'static str] {
        &["Typed", "MIDI", "Sidechain"]
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&["typed", "midi", "sidechain"])
    }

    fn to_index(self) -> usize {
        SOURCES.iter().position(|known| *known == self.0).unwrap_or(0)
    }

    fn from_index(index: usize) -> Self {
        Self(SOURCES.get(index).copied().unwrap_or_default())
    }
}

/// Who makes the next take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineDial(pub EngineChoice);

/// Names (`pick_id` false) or ids of the engines.
const fn engines(pick_id: bool) -> [&'static str; EngineChoice::ALL.len()] {
    let mut list = [""; EngineChoice::ALL.len()];
    let mut index = 0;
    while index < list.len() {
        list[index] = if pick_id { EngineChoice::ALL[index].id() } else { EngineChoice::ALL[index].name() };
        index += 1;
    }
    list
}

impl Enum for EngineDial {
    fn variants() -> &'static [&'static str] {
        const { &engines(false) }
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(const { &engines(true) })
    }

    fn to_index(self) -> usize {
        EngineChoice::ALL.iter().position(|known| *known == self.0).unwrap_or(0)
    }

    fn from_index(index: usize) -> Self {
        Self(EngineChoice::ALL.get(index).copied().unwrap_or_default())
    }
}

/// When a take takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SwapChoice(pub SwapAt);

const SWAPS: [SwapAt; 4] = [SwapAt::Now, SwapAt::Beat, SwapAt::Bar, SwapAt::Loop];

impl Enum for SwapChoice {
    fn variants() -> &'static [&'static str] {
        &["Now", "Beat", "Bar", "Loop"]
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&["now", "beat", "bar", "loop"])
    }

    fn to_index(self) -> usize {
        SWAPS.iter().position(|known| *known == self.0).unwrap_or(0)
    }

    fn from_index(index: usize) -> Self {
        Self(SWAPS.get(index).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_index_comes_back<T: Enum + Copy>() {
        let ids = T::ids().expect("saved values need ids");
        assert_eq!(ids.len(), T::variants().len());
        for index in 0..ids.len() {
            assert_eq!(T::from_index(index).to_index(), index);
        }
    }

    #[test]
    fn lists_and_ids_are_as_long_as_each_other_and_indices_round_trip() {
        every_index_comes_back::<StyleChoice>();
        every_index_comes_back::<KeyChoice>();
        every_index_comes_back::<ScaleChoice>();
        every_index_comes_back::<SwapChoice>();
    }

    #[test]
    fn scale_names_are_those_of_the_take_crate() {
        let names: Vec<_> = Scale::ALL.iter().map(|scale| scale.name()).collect();
        assert_eq!(ScaleChoice::variants()[1..], names);
    }

    #[test]
    fn the_style_after_the_built_in_ones_is_the_users() {
        assert_eq!(StyleChoice::variants()[BUILT_IN_STYLES.len()], "User");
        assert_eq!(StyleChoice::variants()[0], "Techno minimal");
    }
}
