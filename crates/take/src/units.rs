//! Units. Musical time is counted in quarter-note beats whatever the meter's denominator.
use serde::{Deserialize, Serialize};

/// A value outside the range its unit allows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UnitError {
    /// Tempo is not a number between the limits.
    #[error("tempo {bpm} is outside {min}..={max} BPM", min = Bpm::MIN, max = Bpm::MAX)]
    Tempo {
        /// What was asked for.
        bpm: f64,
    },
    /// Sample rate outside the limits.
    #[error("sample rate {hz} Hz is outside {min}..={max} Hz", min = SampleRate::MIN, max = SampleRate::MAX)]
    Rate {
        /// What was asked for.
        hz: u32,
    },
    /// Number of bars outside the limits.
    #[error("{bars} bars is outside {min}..={max}", min = BarCount::MIN, max = BarCount::MAX)]
    Bars {
        /// What was asked for.
        bars: i64,
    },
    /// A meter this project cannot count.
    #[error("meter {numerator}/{denominator} is not one of 1..=32 over 1, 2, 4, 8, 16 or 32")]
    Meter {
        /// Upper number.
        numerator: i64,
        /// Lower number.
        denominator: i64,
    },
}

/// Musical time or length in quarter notes (what hosts call ppq).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Beats(pub f64);

/// Tempo in quarter notes per minute, 20.0..=400.0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Bpm(f64);

impl Bpm {
    /// Slowest tempo.
    pub const MIN: f64 = 20.0;
    /// Fastest tempo.
    pub const MAX: f64 = 400.0;
    /// What a host without a tempo gets.
    pub const DEFAULT: Bpm = Bpm(120.0);

    /// # Errors
    /// `UnitError::Tempo` for NaN and for anything outside the limits.
    pub fn new(bpm: f64) -> Result<Self, UnitError> {
        if (Self::MIN..=Self::MAX).contains(&bpm) { Ok(Self(bpm)) } else { Err(UnitError::Tempo { bpm }) }
    }

    /// Beats per minute.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Length of one quarter note in frames; not rounded.
    pub fn frames_per_beat(self, rate: SampleRate) -> f64 {
        60.0 * f64::from(rate.get()) / self.0
    }
}

impl TryFrom<f64> for Bpm {
    type Error = UnitError;
    fn try_from(bpm: f64) -> Result<Self, UnitError> {
        Self::new(bpm)
    }
}

impl From<Bpm> for f64 {
    fn from(bpm: Bpm) -> f64 {
        bpm.0
    }
}

/// Frames per second, 1..=768 000. The low end is there for tests with readable numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SampleRate(u32);

impl SampleRate {
    /// Lowest rate.
    pub const MIN: u32 = 1;
    /// Highest rate.
    pub const MAX: u32 = 768_000;
    /// 48 kHz.
    pub const DEFAULT: SampleRate = SampleRate(48_000);

    /// # Errors
    /// `UnitError::Rate` outside the limits.
    pub fn new(hz: u32) -> Result<Self, UnitError> {
        if (Self::MIN..=Self::MAX).contains(&hz) { Ok(Self(hz)) } else { Err(UnitError::Rate { hz }) }
    }

    /// Frames per second.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = UnitError;
    fn try_from(hz: u32) -> Result<Self, UnitError> {
        Self::new(hz)
    }
}

impl From<SampleRate> for u32 {
    fn from(rate: SampleRate) -> u32 {
        rate.0
    }
}

/// Length in bars, 1..=32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct BarCount(u8);

impl BarCount {
    /// Fewest bars.
    pub const MIN: i64 = 1;
    /// Most bars.
    pub const MAX: i64 = 32;
    /// Eight bars.
    pub const DEFAULT: BarCount = BarCount(8);

    /// # Errors
    /// `UnitError::Bars` outside the limits.
    pub fn new(bars: i64) -> Result<Self, UnitError> {
        if (Self::MIN..=Self::MAX).contains(&bars) { Ok(Self(bars as u8)) } else { Err(UnitError::Bars { bars }) }
    }

    /// Number of bars.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for BarCount {
    type Error = UnitError;
    fn try_from(bars: i64) -> Result<Self, UnitError> {
        Self::new(bars)
    }
}

impl From<BarCount> for i64 {
    fn from(bars: BarCount) -> i64 {
        i64::from(bars.0)
    }
}

/// Time signature, for example 7/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(i64, i64)", into = "(i64, i64)")]
pub struct Meter {
    numerator: u8,
    denominator: u8,
}

impl Meter {
    /// 4/4.
    pub const FOUR_FOUR: Meter = Meter { numerator: 4, denominator: 4 };

    /// # Errors
    /// `UnitError::Meter` unless 1..=32 over a power of two up to 32.
    pub fn new(numerator: i64, denominator: i64) -> Result<Self, UnitError> {
        if (1..=32).contains(&numerator) && matches!(denominator, 1 | 2 | 4 | 8 | 16 | 32) {
            Ok(Self { numerator: numerator as u8, denominator: denominator as u8 })
        } else {
            Err(UnitError::Meter { numerator, denominator })
        }
    }

    /// Upper number.
    pub fn numerator(self) -> u8 {
        self.numerator
    }

    /// Lower number.
    pub fn denominator(self) -> u8 {
        self.denominator
    }

    /// Length of one bar in quarter notes: 7/8 is 3.5.
    pub fn bar_beats(self) -> Beats {
        Beats(f64::from(self.numerator) * 4.0 / f64::from(self.denominator))
    }
}

impl TryFrom<(i64, i64)> for Meter {
    type Error = UnitError;
    fn try_from((numerator, denominator): (i64, i64)) -> Result<Self, UnitError> {
        Self::new(numerator, denominator)
    }
}

impl From<Meter> for (i64, i64) {
    fn from(meter: Meter) -> (i64, i64) {
        (i64::from(meter.numerator), i64::from(meter.denominator))
    }
}

impl std::fmt::Display for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// A musical dial from none to all, 0.0..=1.0. Out-of-range input is clamped, NaN becomes 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(from = "f32", into = "f32")]
pub struct Amount(f32);

impl Amount {
    /// 0.0.
    pub const NONE: Amount = Amount(0.0);
    /// 1.0.
    pub const FULL: Amount = Amount(1.0);

    /// Clamps to 0.0..=1.0.
    pub fn new(value: f32) -> Self {
        if value.is_nan() { Self(0.0) } else { Self(value.clamp(0.0, 1.0)) }
    }

    /// 0.0..=1.0.
    pub fn get(self) -> f32 {
        self.0
    }
}

impl From<f32> for Amount {
    fn from(value: f32) -> Self {
        Self::new(value)
    }
}

impl From<Amount> for f32 {
    fn from(amount: Amount) -> f32 {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tempo_outside_its_limits_is_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 19.9, 400.1] {
            assert!(Bpm::new(bad).is_err(), "{bad} was taken");
        }
        assert_eq!(Bpm::new(120.0).unwrap().frames_per_beat(SampleRate::DEFAULT), 24_000.0);
    }

    #[test]
    fn seven_eight_is_three_and_a_half_quarters() {
        assert_eq!(Meter::new(7, 8).unwrap().bar_beats(), Beats(3.5));
        assert!(Meter::new(4, 3).is_err() && Meter::new(0, 4).is_err());
    }

    #[test]
    fn amount_swallows_nonsense() {
        assert_eq!(Amount::new(f32::NAN).get(), 0.0);
        assert_eq!(Amount::new(7.0).get(), 1.0);
    }

    #[test]
    fn zero_and_ten_thousand_bars_are_refused() {
        assert_eq!(BarCount::new(0), Err(UnitError::Bars { bars: 0 }));
        assert_eq!(BarCount::new(10_000), Err(UnitError::Bars { bars: 10_000 }));
    }
}
