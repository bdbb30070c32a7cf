//! Room: RT
//! Spare channels for the buses a host leaves unconnected.
#![expect(unsafe_code, reason = "reads the channel pointers of a host")]
use crate::layouts::AUX_OUTPUTS;
use std::ptr::null_mut;

/// Output buses of the largest layout: main, then the auxiliary ones.
pub const NUM_OUTPUTS: usize = 1 + AUX_OUTPUTS.len();
/// Channels of every bus but a mono main.
pub const STEREO: usize = 2;
/// Spare memory reaches at least this far, because some hosts exceed what they announce.
const MIN_FRAMES: usize = 8192;

/// Channel pointers of one bus.
pub type Channels = [*mut f32; STEREO];

/// Silence for missing inputs, and a place for outputs that go nowhere.
#[derive(Default)]
pub struct Pad {
    max_frames: usize,
    silence: [Vec<f32>; STEREO],
    sinks: [[Vec<f32>; STEREO]; NUM_OUTPUTS],
}

impl Pad {
    /// Allocates for blocks of up to `max_frames` frames (8192 at least).
    pub fn new(max_frames: usize) -> Self {
        let max_frames = max_frames.max(MIN_FRAMES);
        let channel = || vec![0.0; max_frames];
        let stereo = || std::array::from_fn(|_| channel());
        Self { max_frames, silence: stereo(), sinks: std::array::from_fn(|_| stereo()) }
    }

    /// Spare input channels; null when `num_frames` is more than was prepared.
    pub fn silence(&mut self, num_frames: usize) -> Channels {
        spare(&mut self.silence, num_frames <= self.max_frames)
    }

    /// Spare channels of output bus `bus`; null when `num_frames` is more than was prepared.
    pub fn sink(&mut self, bus: usize, num_frames: usize) -> Channels {
        let fits = num_frames <= self.max_frames;
        self.sinks.get_mut(bus).map_or([null_mut(); STEREO], |sink| spare(sink, fits))
    }
}

fn spare(channels: &mut [Vec<f32>; STEREO], fits: bool) -> Channels {
    channels.each_mut().map(|channel| if fits { channel.as_mut_ptr() } else { null_mut() })
}

/// The host's channels, with `spare` ones where it has none or gives null.
///
/// # Safety
/// `given` is null or points to `num_given` pointers.
pub unsafe fn complete(given: *mut *mut f32, num_given: usize, spare: Channels) -> Channels {
    let mut channels = spare;
    if !given.is_null() {
        for (index, channel) in channels.iter_mut().enumerate().take(num_given) {
            // SAFETY: index < num_given, and the caller vouches for that many pointers.
            let host = unsafe { *given.add(index) };
            if !host.is_null() {
                *channel = host;
            }
        }
    }
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_gives_is_kept_and_what_it_lacks_is_spare() {
        let mut pad = Pad::new(4);
        let spare = pad.sink(3, 4);
        let mut left = [0.0f32; 4];
        let mut given = [left.as_mut_ptr(), null_mut()];
        // SAFETY: two pointers are given and two are said to be.
        assert_eq!(unsafe { complete(given.as_mut_ptr(), 2, spare) }, [given[0], spare[1]]);
        // SAFETY: one of the two pointers, and none at all.
        assert_eq!(unsafe { complete(given.as_mut_ptr(), 1, spare) }, [given[0], spare[1]]);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { complete(null_mut(), 2, spare) }, spare);
    }

    #[test]
    fn no_two_spare_channels_are_the_same_memory() {
        let mut pad = Pad::new(4);
        let mut all: Vec<_> = (0..NUM_OUTPUTS).flat_map(|bus| pad.sink(bus, 4)).collect();
        all.extend(pad.silence(4));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), STEREO * (NUM_OUTPUTS + 1));
    }

    #[test]
    fn a_block_longer_than_the_spare_memory_gets_none() {
        assert!(Pad::new(4).sink(0, MIN_FRAMES + 1)[0].is_null());
        assert!(Pad::default().silence(1)[0].is_null());
    }
}
