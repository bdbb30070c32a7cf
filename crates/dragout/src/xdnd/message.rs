//! The five 32-bit words of each client message.
use super::RootPoint;

/// A part of the root window in which a receiver wants no positions; the right and lower edges are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietRect {
    /// Left and upper edge.
    pub at: RootPoint,
    /// Width; 0 means nothing is quiet.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl QuietRect {
    /// Whether a position here need not be sent.
    pub fn contains(self, point: RootPoint) -> bool {
        let (dx, dy) = (i32::from(point.x) - i32::from(self.at.x), i32::from(point.y) - i32::from(self.at.y));
        (0..i32::from(self.width)).contains(&dx) && (0..i32::from(self.height)).contains(&dy)
    }
}

/// `XdndEnter`. Up to three types; the rest of the words stay 0.
pub fn enter(source: u32, version: u8, types: &[u32]) -> [u32; 5] {
    let mut words = [source, u32::from(version) << 24, 0, 0, 0];
    for (word, kind) in words[2..].iter_mut().zip(types) {
        *word = *kind;
    }
    words
}

/// The sender, its version, and whether its types are in the property `XdndTypeList` instead.
pub fn read_enter(words: [u32; 5]) -> (u32, u8, bool) {
    (words[0], (words[1] >> 24) as u8, words[1] & 1 == 1)
}

/// `XdndPosition`.
pub fn position(source: u32, at: RootPoint, time: u32, action: u32) -> [u32; 5] {
    [source, 0, pack(at.x as u16, at.y as u16), time, action]
}

/// The sender, the place, and the time.
pub fn read_position(words: [u32; 5]) -> (u32, RootPoint, u32) {
    (words[0], unpack(words[2]), words[3])
}

/// `XdndLeave`.
pub fn leave(source: u32) -> [u32; 5] {
    [source, 0, 0, 0, 0]
}

/// `XdndDrop`.
pub fn drop(source: u32, time: u32) -> [u32; 5] {
    [source, 0, time, 0, 0]
}

/// The sender and the time.
pub fn read_drop(words: [u32; 5]) -> (u32, u32) {
    (words[0], words[2])
}

/// `XdndStatus` that asks for every position: bit 0 whether it is taken, bit 1 positions everywhere.
pub fn status(target: u32, is_accepted: bool, action: u32) -> [u32; 5] {
    [target, u32::from(is_accepted) | 2, 0, 0, if is_accepted { action } else { 0 }]
}

/// The receiver, whether it takes the files, and where it wants no more positions.
pub fn read_status(words: [u32; 5]) -> (u32, bool, Option<QuietRect>) {
    let quiet = QuietRect { at: unpack(words[2]), width: (words[3] >> 16) as u16, height: words[3] as u16 };
    let wants_all = words[1] & 2 == 2 || quiet.width == 0 || quiet.height == 0;
    (words[0], words[1] & 1 == 1, (!wants_all).then_some(quiet))
}

/// `XdndFinished`.
pub fn finished(target: u32, is_taken: bool, action: u32) -> [u32; 5] {
    [target, u32::from(is_taken), if is_taken { action } else { 0 }, 0, 0]
}

/// The receiver, and whether it took the files. Before version 5 nobody says, so it counts as taken.
pub fn read_finished(words: [u32; 5], version: u8) -> (u32, bool) {
    (words[0], version < 5 || words[1] & 1 == 1)
}

fn pack(high: u16, low: u16) -> u32 {
    u32::from(high) << 16 | u32::from(low)
}

fn unpack(word: u32) -> RootPoint {
    RootPoint { x: (word >> 16) as i16, y: word as i16 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_lie_where_the_specification_has_them() {
        assert_eq!(enter(7, 5, &[11, 12]), [7, 0x0500_0000, 11, 12, 0]);
        assert_eq!(position(7, RootPoint { x: 2, y: 3 }, 99, 5), [7, 0, 0x0002_0003, 99, 5]);
        assert_eq!(drop(7, 99), [7, 0, 99, 0, 0]);
        assert_eq!(leave(7), [7, 0, 0, 0, 0]);
        assert_eq!(status(8, true, 5), [8, 3, 0, 0, 5]);
        assert_eq!(status(8, false, 5), [8, 2, 0, 0, 0]);
        assert_eq!(finished(8, true, 5), [8, 1, 5, 0, 0]);
        assert_eq!(finished(8, false, 5), [8, 0, 0, 0, 0]);
    }

    #[test]
    fn a_receivers_quiet_place_is_read_unless_it_wants_every_position() {
        let quiet = QuietRect { at: RootPoint { x: 10, y: 20 }, width: 30, height: 40 };
        assert_eq!(read_status([8, 1, 0x000a_0014, 0x001e_0028, 0]), (8, true, Some(quiet)));
        assert_eq!(read_status([8, 3, 0x000a_0014, 0x001e_0028, 0]), (8, true, None));
        assert_eq!(read_status([8, 0, 0x000a_0014, 0, 0]), (8, false, None));
        assert!(quiet.contains(RootPoint { x: 39, y: 59 }) && !quiet.contains(RootPoint { x: 40, y: 59 }));
    }

    #[test]
    fn before_version_5_a_finish_is_a_taking() {
        assert_eq!(read_finished([8, 0, 0, 0, 0], 4), (8, true));
        assert_eq!(read_finished([8, 0, 0, 0, 0], 5), (8, false));
        assert_eq!(read_finished([8, 1, 5, 0, 0], 5), (8, true));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(window: u32, x: i16, y: i16, time: u32, version: u8) {
            prop_assert_eq!(read_position(position(window, RootPoint { x, y }, time, 1)), (window, RootPoint { x, y }, time));
            prop_assert_eq!(read_enter(enter(window, version, &[1])), (window, version, false));
            prop_assert_eq!(read_drop(drop(window, time)), (window, time));
        }
    }
}
