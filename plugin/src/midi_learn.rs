//! Room: RT
//! MIDI learn: keys, controllers, pitch bend and pressure that move host parameters.
//!
//! The table *is* the mapping: the audio thread reads it, learning writes one entry of it, the saved state is made from
//! it. A source moves one parameter; a parameter may have several sources. Channels are not told apart. Whoever wraps
//! the framework hands in what it drops ([`MidiLearn::hear`]) and tells the host what moved ([`MidiLearn::moved`]).
#![expect(unsafe_code, reason = "the framework sets parameters through pointers")]
mod binding;

pub use binding::{MidiBinding, MidiSource, SavedBindings};

use crate::params::ContinuoParams;
use binding::NUM_SOURCES;
use nice_plug::params::persist::PersistentField;
use nice_plug::prelude::{ParamPtr, Params};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// Name of our field in the saved state. Permanent.
pub const MIDI_FIELD: &str = "midi";
/// Words of the set of moved parameters: 1024 of them.
const NUM_MOVED_WORDS: usize = 16;

/// What a message does to its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On while held.
    Button,
    /// Changes sides with every key.
    Switch,
    /// A list: the next entry with every key.
    List,
    /// Anything in between; a key sets it by its velocity.
    Dial,
}

struct Target {
    id: String,
    param: ParamPtr,
    kind: Kind,
}

/// The mapping of one instance.
#[derive(Default)]
pub struct MidiLearn {
    targets: OnceLock<Vec<Target>>,
    /// Per source: number of its parameter from 1, or 0.
    table: Table,
    /// Number from 1 of the parameter that waits for a source, or 0.
    armed: AtomicU16,
    /// Parameters that a message has moved and the host has not heard of.
    moved: [AtomicU64; NUM_MOVED_WORDS],
}

struct Table([AtomicU16; NUM_SOURCES]);

impl Default for Table {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU16::new(0)))
    }
}

thread_local! {
    /// The parameters of the plugin that this thread constructed last; for whoever wraps the framework, which does
    /// not hand its plugin out.
    static LAST_MADE: RefCell<Weak<ContinuoParams>> = const { RefCell::new(Weak::new()) };
}

/// The parameters of the instance that this thread has just constructed.
pub fn last_made() -> Option<Arc<ContinuoParams>> {
    LAST_MADE.with(|made| made.take().upgrade())
}

/// Makes every parameter of `params` one that can be learned. Once, when they have found their place in memory.
pub fn install(params: &Arc<ContinuoParams>) {
    let targets = params.param_map().into_iter().map(|(id, param, _)| {
        let kind = kind_of(&id, param);
        Target { id, param, kind }
    });
    // A second call would find what it brings.
    drop(params.midi.targets.set(targets.take(NUM_MOVED_WORDS * 64).collect()));
    LAST_MADE.with(|made| *made.borrow_mut() = Arc::downgrade(params));
}

fn kind_of(id: &str, param: ParamPtr) -> Kind {
    const BUTTONS: [&str; 6] = ["_gen", "_next", "_prev", "_cancel", "_fill", "_sep"];
    match param {
        ParamPtr::BoolParam(_) if BUTTONS.iter().any(|ending| id.ends_with(ending)) => Kind::Button,
        ParamPtr::BoolParam(_) => Kind::Switch,
        ParamPtr::EnumParam(_) => Kind::List,
        ParamPtr::FloatParam(_) | ParamPtr::IntParam(_) => Kind::Dial,
    }
}

impl MidiLearn {
    /// The next key, controller, wheel or pressure moves this parameter from then on. False for an unknown id.
    pub fn learn(&self, param: &str) -> bool {
        let number = self.number_of(param);
        self.armed.store(number.unwrap_or(0), Ordering::Relaxed);
        number.is_some()
    }

    /// Waits for no source any more.
    pub fn stop_learning(&self) {
        self.armed.store(0, Ordering::Relaxed);
    }

    /// Id of the parameter that waits for a source; `None` once one has come.
    pub fn learning(&self) -> Option<&str> {
        self.target(self.armed.load(Ordering::Relaxed)).map(|target| target.id.as_str())
    }

    /// Id of a parameter of this instance.
    pub fn id_of(&self, param: ParamPtr) -> Option<&str> {
        let targets = self.targets.get()?;
        targets.iter().find(|target| target.param == param).map(|target| target.id.as_str())
    }

    /// What the host shows for an id, such as `Deck 1 Level`; the id itself where nobody knows it.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        let target = self.targets.get().and_then(|targets| targets.iter().find(|target| target.id == id));
        // SAFETY: the targets point into the parameters that own this table.
        target.map_or(id, |target| unsafe { target.param.name() })
    }

    /// Every connection, by source.
    pub fn bindings(&self) -> Vec<MidiBinding> {
        let entries = self.table.0.iter().enumerate();
        let bound = entries.filter_map(|(slot, number)| Some((slot, self.target(number.load(Ordering::Relaxed))?)));
        bound
            .map(|(slot, target)| MidiBinding { source: MidiSource::of_slot(slot), param: target.id.clone() })
            .collect()
    }

    /// Sources of a parameter.
    pub fn sources(&self, param: &str) -> Vec<MidiSource> {
        self.bindings().into_iter().filter(|binding| binding.param == param).map(|binding| binding.source).collect()
    }

    /// Takes all sources of a parameter away.
    pub fn clear(&self, param: &str) {
        let Some(number) = self.number_of(param) else { return };
        for entry in &self.table.0 {
            // Lost only when another source of it is learned at this very moment.
            entry.compare_exchange(number, 0, Ordering::Relaxed, Ordering::Relaxed).ok();
        }
    }

    /// Takes one source away.
    pub fn clear_source(&self, source: MidiSource) {
        if let Some(entry) = source.slot().and_then(|slot| self.table.0.get(slot)) {
            entry.store(0, Ordering::Relaxed);
        }
    }

    /// Takes every connection away.
    pub fn clear_all(&self) {
        self.table.0.iter().for_each(|entry| entry.store(0, Ordering::Relaxed));
    }

    /// Replaces the whole mapping; ids of parameters that nobody knows are left out.
    pub fn restore(&self, bindings: &[MidiBinding]) {
        self.clear_all();
        for MidiBinding { source, param } in bindings {
            let entry = source.slot().and_then(|slot| self.table.0.get(slot));
            if let (Some(entry), Some(number)) = (entry, self.number_of(param)) {
                entry.store(number, Ordering::Relaxed);
            }
        }
    }

    /// A key belongs to a parameter, or would be learned now that it goes down (`velocity` above 0).
    ///
    /// # Realtime
    /// Safe.
    pub fn is_waiting_for(&self, key: u8, velocity: u8) -> bool {
        let entry = self.table.0.get(usize::from(key.min(127)));
        let is_learning = velocity > 0 && self.armed.load(Ordering::Relaxed) != 0;
        is_learning || entry.is_some_and(|entry| entry.load(Ordering::Relaxed) != 0)
    }

    /// A key went down (`velocity` 1..=127) or up (0): moves what it was learned for, or is learned. True when the key
    /// belongs to a parameter, and so to nobody else.
    ///
    /// # Realtime
    /// Safe: a few atomics.
    pub fn play(&self, key: u8, velocity: u8) -> bool {
        let (source, value) = (MidiSource::Note(key), f32::from(velocity.min(127)) / 127.0);
        let Some((number, target)) = self.heard(source, velocity > 0) else { return false };
        // SAFETY: see `Target::set`.
        let (now, steps) = unsafe { (target.param.unmodulated_normalized_value(), target.param.step_count()) };
        let next = match target.kind {
            Kind::Button => Some(if velocity > 0 { 1.0 } else { 0.0 }),
            _ if velocity == 0 => None,
            Kind::Switch => Some(if now < 0.5 { 1.0 } else { 0.0 }),
            Kind::Dial => Some(value),
            Kind::List => {
                let steps = steps.unwrap_or(1).max(1) as f32;
                let entry = (now * steps).round() + 1.0;
                Some(if entry > steps { 0.0 } else { entry / steps })
            }
        };
        if let Some(next) = next {
            target.set(next);
            self.note_moved(number);
        }
        true
    }

    /// A controller, the wheel or pressure stands at `value`, 0.0..=1.0: the host's number of the parameter it moves
    /// and that parameter's CLAP value. The caller sets it; `None` when it moves nothing.
    ///
    /// # Realtime
    /// Safe: a few atomics.
    pub fn hear(&self, source: MidiSource, value: f32) -> Option<(u32, f64)> {
        let (number, target) = self.heard(source, true)?;
        self.note_moved(number);
        // SAFETY: see `Target::set`.
        let steps = unsafe { target.param.step_count() }.unwrap_or(1) as f64;
        // CLAP counts steps; a switch is on from the middle up.
        let is_stepped = target.kind != Kind::Dial || steps > 1.0;
        let plain = f64::from(value.clamp(0.0, 1.0)) * steps;
        Some((target.host_number(), if is_stepped { plain.round() } else { plain }))
    }

    /// Hands over every parameter that messages have moved since the last call: its number for the host, its value
    /// 0.0..=1.0, and by how many steps CLAP multiplies that.
    ///
    /// # Realtime
    /// Safe.
    pub fn moved(&self, mut tell: impl FnMut(u32, f64, f64)) {
        for (index, word) in self.moved.iter().enumerate() {
            if word.load(Ordering::Relaxed) == 0 {
                continue;
            }
            let mut bits = word.swap(0, Ordering::Relaxed);
            while bits != 0 {
                let bit = bits.trailing_zeros();
                bits &= bits - 1;
                let Some(target) = self.target((index as u16) * 64 + bit as u16 + 1) else { continue };
                // SAFETY: see `Target::set`.
                let (now, steps) = unsafe { (target.param.unmodulated_normalized_value(), target.param.step_count()) };
                tell(target.host_number(), f64::from(now), steps.unwrap_or(1) as f64);
            }
        }
    }

    /// The parameter of a source; a source nobody knows yet is learned when a parameter waits and `can_learn`.
    fn heard(&self, source: MidiSource, can_learn: bool) -> Option<(u16, &Target)> {
        let entry = source.slot().and_then(|slot| self.table.0.get(slot))?;
        if can_learn && self.armed.load(Ordering::Relaxed) != 0 {
            let armed = self.armed.swap(0, Ordering::Relaxed);
            if armed != 0 {
                entry.store(armed, Ordering::Relaxed);
            }
        }
        let number = entry.load(Ordering::Relaxed);
        self.target(number).map(|target| (number, target))
    }

    fn note_moved(&self, number: u16) {
        let index = usize::from(number - 1);
        if let Some(word) = self.moved.get(index / 64) {
            word.fetch_or(1 << (index % 64), Ordering::Relaxed);
        }
    }

    fn number_of(&self, param: &str) -> Option<u16> {
        let targets = self.targets.get()?;
        targets.iter().position(|target| target.id == param).map(|index| index as u16 + 1)
    }

    fn target(&self, number: u16) -> Option<&Target> {
        self.targets.get()?.get(usize::from(number).checked_sub(1)?)
    }
}

impl Target {
    fn set(&self, normalized: f32) {
        // SAFETY: the pointer is to a field of the parameters that own this table.
        unsafe { self.param._internal_set_normalized_value(normalized) };
    }

    /// As the framework counts: a hash of the id, for CLAP and VST3 alike.
    fn host_number(&self) -> u32 {
        self.id.bytes().fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) & !(1 << 31)
    }
}

impl PersistentField<'_, SavedBindings> for MidiLearn {
    fn set(&self, saved: SavedBindings) {
        self.restore(&saved.0);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&SavedBindings) -> R,
    {
        f(&SavedBindings(self.bindings()))
    }
}

#[cfg(test)]
mod tests;
