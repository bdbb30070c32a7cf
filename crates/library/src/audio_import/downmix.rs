//! Any number of loudspeakers on two.
//!
//! As ITU-R BS.775-4, annex 4, table 2 has it: centre and surrounds at -3 dB on their sides, the subwoofer's channel
//! left out. Nothing is turned down for it: samples are floats, and the level is set later.

/// Most channels that are read.
pub(crate) const MAX_CHANNELS: u16 = 8;
/// -3 dB.
const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Where a channel is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Left,
    Right,
    Centre,
    /// The subwoofer's own channel.
    LowEffects,
    /// Beside or behind, left.
    SurroundLeft,
    SurroundRight,
    /// Behind, in the middle.
    Back,
}

use Speaker::{Back, Centre, Left, LowEffects, Right, SurroundLeft, SurroundRight};

/// The order of WAV, AIFF and FLAC where a file names none.
pub(crate) fn usual(num_channels: u16) -> &'static [Speaker] {
    match num_channels {
        0 => &[],
        1 => &[Centre],
        2 => &[Left, Right],
        3 => &[Left, Right, Centre],
        4 => &[Left, Right, SurroundLeft, SurroundRight],
        5 => &[Left, Right, Centre, SurroundLeft, SurroundRight],
        6 => &[Left, Right, Centre, LowEffects, SurroundLeft, SurroundRight],
        7 => &[Left, Right, Centre, LowEffects, Back, SurroundLeft, SurroundRight],
        _ => &[Left, Right, Centre, LowEffects, SurroundLeft, SurroundRight, SurroundLeft, SurroundRight],
    }
}

/// The order of Vorbis I, section 4.3.9.
pub(crate) fn vorbis(num_channels: u16) -> &'static [Speaker] {
    match num_channels {
        3 => &[Left, Centre, Right],
        5 => &[Left, Centre, Right, SurroundLeft, SurroundRight],
        6 => &[Left, Centre, Right, SurroundLeft, SurroundRight, LowEffects],
        7 => &[Left, Centre, Right, SurroundLeft, SurroundRight, Back, LowEffects],
        8 => &[Left, Centre, Right, SurroundLeft, SurroundRight, SurroundLeft, SurroundRight, LowEffects],
        other => usual(other),
    }
}

/// The order that the channel mask of a WAV file names (KSAUDIO_SPEAKER positions, lowest bit first); the usual one
/// where the mask names too few.
pub(crate) fn masked(mask: u32, num_channels: u16) -> Vec<Speaker> {
    const BY_BIT: [Speaker; 18] = [
        Left,
        Right,
        Centre,
        LowEffects,
        SurroundLeft,
        SurroundRight,
        Left,
        Right,
        Back,
        SurroundLeft,
        SurroundRight,
        Centre,
        Left,
        Centre,
        Right,
        SurroundLeft,
        Back,
        SurroundRight,
    ];
    let named = BY_BIT.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, speaker)| *speaker);
    let named: Vec<Speaker> = named.take(usize::from(num_channels)).collect();
    if named.len() == usize::from(num_channels) && num_channels > 2 { named } else { usual(num_channels).to_vec() }
}

/// What each channel gives to left and right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Downmix {
    gains: Vec<[f32; 2]>,
}

impl Downmix {
    pub fn new(speakers: &[Speaker]) -> Self {
        let gains = |speaker: &Speaker| match speaker {
            Left => [1.0, 0.0],
            Right => [0.0, 1.0],
            // A mono file is as loud on both as it is on one.
            Centre if speakers.len() == 1 => [1.0, 1.0],
            Centre => [HALF_POWER; 2],
            LowEffects => [0.0; 2],
            SurroundLeft => [HALF_POWER, 0.0],
            SurroundRight => [0.0, HALF_POWER],
            Back => [0.5; 2],
        };
        Self { gains: speakers.iter().map(gains).collect() }
    }

    /// Appends whole frames of interleaved samples.
    pub fn mix(&self, interleaved: &[f32], left: &mut Vec<f32>, right: &mut Vec<f32>) {
        for frame in interleaved.chunks_exact(self.gains.len().max(1)) {
            let sum = |side: usize| frame.iter().zip(&self.gains).map(|(x, gains)| x * gains[side]).sum::<f32>();
            left.push(sum(0));
            right.push(sum(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(speakers: &[Speaker], frame: &[f32]) -> [f32; 2] {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        Downmix::new(speakers).mix(frame, &mut left, &mut right);
        [left[0], right[0]]
    }

    #[test]
    fn mono_and_stereo_stay_as_they_are() {
        assert_eq!(mixed(usual(1), &[0.5]), [0.5, 0.5]);
        assert_eq!(mixed(usual(2), &[0.5, -0.25]), [0.5, -0.25]);
    }

    #[test]
    fn surrounds_go_to_their_side_and_the_subwoofer_goes_nowhere() {
        let only = |index: usize| -> Vec<f32> { (0..8).map(|at| if at == index { 1.0 } else { 0.0 }).collect() };
        let sides: Vec<[f32; 2]> = (0..8).map(|index| mixed(usual(8), &only(index))).collect();
        assert_eq!(sides[2], [HALF_POWER; 2]);
        assert_eq!(sides[3], [0.0, 0.0]);
        assert_eq!(sides[4], [HALF_POWER, 0.0]);
        assert_eq!(sides[7], [0.0, HALF_POWER]);
    }

    #[test]
    fn orders_differ_by_format() {
        assert_eq!(mixed(vorbis(3), &[0.0, 1.0, 0.0]), [HALF_POWER; 2]);
        assert_eq!(mixed(usual(3), &[0.0, 1.0, 0.0]), [0.0, 1.0]);
        // Quad with a back centre, as a mask names it: left, right, centre, back.
        assert_eq!(mixed(&masked(0x107, 4), &[0.0, 0.0, 0.0, 1.0]), [0.5, 0.5]);
        assert_eq!(masked(0, 4), usual(4));
    }
}
