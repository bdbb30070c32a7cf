//! Room: RT
//! Controllers that a CLAP host sends as MIDI, turned into parameter changes at the same frame.
//!
//! The framework drops every MIDI message but notes unless it is told to take all of them, which in a VST3 means 2,080
//! hidden parameters. So they are picked out of the host's list on its way to the framework.
#![expect(unsafe_code, reason = "reads and makes C event lists")]
use crate::midi_learn::{MidiLearn, MidiSource};
use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_IS_LIVE, CLAP_EVENT_MIDI, CLAP_EVENT_PARAM_GESTURE_BEGIN,
    CLAP_EVENT_PARAM_GESTURE_END, CLAP_EVENT_PARAM_VALUE, clap_event_header, clap_event_midi, clap_event_param_gesture,
    clap_event_param_value, clap_input_events, clap_output_events,
};
use std::ffi::c_void;
use std::ptr::null_mut;

/// A block with more events than this is passed on as it is: its controllers move nothing.
const MAX_EVENTS: usize = 8192;
/// Controllers of one block that move something.
const MAX_CHANGES: usize = 512;

/// Room for one block's list.
#[derive(Default)]
pub struct Controllers {
    events: Vec<*const clap_event_header>,
    changes: Vec<clap_event_param_value>,
}

impl Controllers {
    /// Allocates.
    pub fn new() -> Self {
        Self { events: Vec::with_capacity(MAX_EVENTS), changes: Vec::with_capacity(MAX_CHANGES) }
    }

    /// The host's list with the parameter changes in it; `None` when there are none and the host's own serves.
    ///
    /// # Safety
    /// `given` is null or the host's list, and it outlives the returned one.
    ///
    /// # Realtime
    /// Safe: the room was made before.
    pub unsafe fn translate(
        &mut self,
        given: *const clap_input_events,
        learn: &MidiLearn,
    ) -> Option<clap_input_events> {
        self.events.clear();
        self.changes.clear();
        // SAFETY: null or the host's list.
        let list = unsafe { given.as_ref() }?;
        let (size, get) = (list.size?, list.get?);
        // SAFETY: the host's own functions with its own list.
        let num_events = unsafe { size(given) };
        if num_events as usize + MAX_CHANGES > self.events.capacity() {
            return None;
        }
        for index in 0..num_events {
            // SAFETY: as above, and below the number of events.
            let event = unsafe { get(given, index) };
            if event.is_null() {
                continue;
            }
            self.events.push(event);
            // SAFETY: an event that is not null begins with its header.
            let Some((source, value)) = (unsafe { controller(event) }) else { continue };
            // Never beyond the capacity: the events below point into it.
            if self.changes.len() < self.changes.capacity()
                && let Some((param, plain)) = learn.hear(source, value)
            {
                // SAFETY: not null.
                self.changes.push(change(param, plain, unsafe { (*event).time }));
                self.events.extend(self.changes.last().map(|change| &raw const change.header));
            }
        }
        let ctx = (&raw mut self.events).cast::<c_void>();
        let is_any = !self.changes.is_empty();
        is_any.then_some(clap_input_events { ctx, size: Some(list_size), get: Some(list_get) })
    }
}

/// Tells the host what messages have moved, at frame `time` of the block: a gesture each, so that it records them.
///
/// # Safety
/// `out` is null or the host's list.
///
/// # Realtime
/// Safe.
pub unsafe fn tell(out: *const clap_output_events, learn: &MidiLearn, time: u32) {
    // SAFETY: null or the host's list.
    let Some((out, push)) = (unsafe { out.as_ref() }).and_then(|list| Some((list, list.try_push?))) else { return };
    learn.moved(|param, normalized, steps| {
        let gesture =
            |kind| clap_event_param_gesture { header: header::<clap_event_param_gesture>(kind, time), param_id: param };
        let (begin, end) = (gesture(CLAP_EVENT_PARAM_GESTURE_BEGIN), gesture(CLAP_EVENT_PARAM_GESTURE_END));
        let value = change(param, normalized * steps, time);
        for event in [&raw const begin.header, &raw const value.header, &raw const end.header] {
            // SAFETY: a whole event, which the host copies. A full queue loses it: the value itself is set.
            let _is_taken = unsafe { push(out, event) };
        }
    });
}

/// Source and position, 0.0..=1.0, of a MIDI message that is none of notes.
///
/// # Safety
/// `event` points to an event.
unsafe fn controller(event: *const clap_event_header) -> Option<(MidiSource, f32)> {
    // SAFETY: the caller's promise.
    let header = unsafe { &*event };
    if header.space_id != CLAP_CORE_EVENT_SPACE_ID || header.type_ != CLAP_EVENT_MIDI {
        return None;
    }
    // SAFETY: that is what the type says.
    let [status, first, second] = unsafe { (*event.cast::<clap_event_midi>()).data };
    let seven_bits = |value: u8| f32::from(value & 127) / 127.0;
    match status & 0xf0 {
        0xb0 => Some((MidiSource::Cc(first & 127), seven_bits(second))),
        0xd0 => Some((MidiSource::Pressure, seven_bits(first))),
        0xe0 => {
            let bend = u16::from(first & 127) | u16::from(second & 127) << 7;
            Some((MidiSource::PitchBend, f32::from(bend) / 16_383.0))
        }
        _ => None,
    }
}

fn header<T>(kind: u16, time: u32) -> clap_event_header {
    let size = size_of::<T>() as u32;
    clap_event_header { size, time, space_id: CLAP_CORE_EVENT_SPACE_ID, type_: kind, flags: CLAP_EVENT_IS_LIVE }
}

fn change(param_id: u32, value: f64, time: u32) -> clap_event_param_value {
    clap_event_param_value {
        header: header::<clap_event_param_value>(CLAP_EVENT_PARAM_VALUE, time),
        param_id,
        cookie: null_mut(),
        note_id: -1,
        port_index: -1,
        channel: -1,
        key: -1,
        value,
    }
}

/// # Safety
/// `list` is one that [`Controllers::translate`] made, and its room has not changed since.
unsafe fn events<'a>(list: *const clap_input_events) -> &'a [*const clap_event_header] {
    // SAFETY: `ctx` is the room's vector.
    unsafe { (*(*list).ctx.cast::<Vec<*const clap_event_header>>()).as_slice() }
}

unsafe extern "C" fn list_size(list: *const clap_input_events) -> u32 {
    // SAFETY: only ever called with our list.
    unsafe { events(list) }.len() as u32
}

unsafe extern "C" fn list_get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: only ever called with our list.
    unsafe { events(list) }.get(index as usize).copied().unwrap_or(std::ptr::null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::midi_learn::{MidiBinding, install};
    use crate::params::ContinuoParams;
    use std::sync::Arc;

    struct HostList(Vec<clap_event_midi>);

    unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
        // SAFETY: only called with `HostList::list`.
        unsafe { (*(*list).ctx.cast::<HostList>()).0.len() as u32 }
    }

    unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
        // SAFETY: as above.
        unsafe { &raw const (&(*(*list).ctx.cast::<HostList>()).0)[index as usize].header }
    }

    impl HostList {
        fn of(messages: &[(u32, [u8; 3])]) -> Self {
            let header = |time| header::<clap_event_midi>(CLAP_EVENT_MIDI, time);
            let event = |&(time, data): &(u32, [u8; 3])| clap_event_midi { header: header(time), port_index: 0, data };
            Self(messages.iter().map(event).collect())
        }

        fn list(&mut self) -> clap_input_events {
            clap_input_events { ctx: (self as *mut Self).cast(), size: Some(size), get: Some(get) }
        }
    }

    fn params(bindings: &[(MidiSource, &str)]) -> Arc<ContinuoParams> {
        let params = Arc::new(ContinuoParams::default());
        install(&params);
        let bind = |&(source, id): &(MidiSource, &str)| MidiBinding { source, param: id.to_owned() };
        params.midi.restore(&bindings.iter().map(bind).collect::<Vec<_>>());
        params
    }

    /// Times of all events, and the values of the parameter changes among them.
    fn translated(params: &ContinuoParams, messages: &[(u32, [u8; 3])]) -> Option<(Vec<u32>, Vec<f64>)> {
        let (mut host, mut room) = (HostList::of(messages), Controllers::new());
        let given = host.list();
        // SAFETY: a whole list.
        let list = unsafe { room.translate(&raw const given, &params.midi) }?;
        // SAFETY: events of either kind begin with their header.
        unsafe {
            let headers: Vec<_> = (0..list_size(&raw const list)).map(|at| list_get(&raw const list, at)).collect();
            let is_change = |event: &&*const clap_event_header| (***event).type_ == CLAP_EVENT_PARAM_VALUE;
            let values = headers.iter().filter(is_change).map(|event| (*event.cast::<clap_event_param_value>()).value);
            Some((headers.iter().map(|event| (**event).time).collect(), values.collect()))
        }
    }

    #[test]
    fn controllers_become_parameter_changes_at_their_frame_and_the_rest_stays() {
        let params = params(&[
            (MidiSource::Cc(74), "d1_filt"),
            (MidiSource::PitchBend, "d1_pitch"),
            (MidiSource::Cc(1), "d1_mute"),
            (MidiSource::Pressure, "bars"),
        ]);
        let messages =
            [(3, [0x90, 60, 1]), (5, [0xb4, 74, 127]), (9, [0xe0, 127, 127]), (9, [0xb0, 1, 64]), (11, [0xd0, 127, 0])];
        let (times, values) = translated(&params, &messages).unwrap();
        assert_eq!(times, [3, 5, 5, 9, 9, 9, 9, 11, 11]);
        assert_eq!(values, [1.0, 1.0, 1.0, 31.0]);
    }

    #[test]
    fn without_a_learned_controller_the_hosts_own_list_serves() {
        let params = params(&[(MidiSource::Cc(74), "d1_filt")]);
        assert_eq!(translated(&params, &[(0, [0xb0, 75, 1]), (0, [0x80, 74, 1]), (0, [0xb0, 123, 0])]), None);
        assert_eq!(translated(&params, &[]), None);
    }

    #[test]
    fn a_flood_of_controllers_stays_within_the_room() {
        let params = params(&[(MidiSource::Cc(74), "d1_filt")]);
        let flood = vec![(0, [0xb0, 74, 1]); 1000];
        let (times, values) = translated(&params, &flood).unwrap();
        assert_eq!((times.len(), values.len()), (1000 + MAX_CHANGES, MAX_CHANGES));
        assert_eq!(translated(&params, &vec![(0, [0xb0, 74, 1]); MAX_EVENTS]), None);
    }
}
