//! What is asked of MusicGen.
use crate::ModelError;

/// A piece to make.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicGenRequest {
    /// Free words, English; 512 tokens (some 2000 characters) are read.
    pub prompt: String,
    /// Length, more than 0.0, up to [`super::MusicGen::max_seconds`].
    pub seconds: f64,
    /// Seed of every draw.
    pub seed: u64,
    /// How strictly the text is followed, 1.0..=20.0. Default 3.0; 1.0 is without guidance and takes half the work.
    pub guidance: f32,
    /// Draws from so many of the likeliest tokens; 0 is all. Default 250, as the model's authors have it.
    pub top_k: usize,
    /// 0.0..=10.0; default 1.0. Lower is tamer, 0.0 always takes the likeliest token.
    pub temperature: f32,
}

impl MusicGenRequest {
    /// A request with the defaults of the model's authors.
    pub fn new(prompt: &str, seconds: f64, seed: u64) -> Self {
        Self { prompt: prompt.to_owned(), seconds, seed, guidance: 3.0, top_k: 250, temperature: 1.0 }
    }

    /// The model is asked twice a step: with the text and without.
    pub(super) fn is_guided(&self) -> bool {
        self.guidance != 1.0
    }

    /// EnCodec frames, rounded up; a thousandth of one more does not count.
    pub(super) fn num_frames(&self, frame_hz: f64) -> usize {
        ((self.seconds * frame_hz - 1e-3).ceil() as usize).max(1)
    }

    /// # Errors
    /// `Input` with the value that is out of range.
    pub(super) fn check(&self, max_seconds: f64) -> Result<(), ModelError> {
        let refused = |reason: String| Err(ModelError::Input { reason });
        let Self { seconds, guidance, temperature, .. } = *self;
        if !(seconds.is_finite() && seconds > 0.0) {
            return refused(format!("MusicGen cannot make {seconds} seconds of audio"));
        }
        // A tolerance for lengths that were computed: a tenth of a millisecond.
        if seconds > max_seconds + 1e-4 {
            return refused(format!(
                "MusicGen makes {max_seconds:.1} seconds at most, {seconds:.1} were asked for: take fewer bars or a faster tempo"
            ));
        }
        if !(1.0..=20.0).contains(&guidance) {
            return refused(format!("guidance {guidance} is outside 1 to 20"));
        }
        if !(0.0..=10.0).contains(&temperature) {
            return refused(format!("temperature {temperature} is outside 0 to 10"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_made_is_refused_with_the_limit() {
        let request = MusicGenRequest::new("", 41.0, 1);
        let error = request.check(40.9).unwrap_err().to_string();
        assert!(error.contains("40.9") && error.contains("41.0"), "{error}");
        assert!(request.check(41.0).is_ok());
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(MusicGenRequest { seconds, ..request.clone() }.check(1e9).is_err(), "{seconds}");
        }
        for guidance in [0.9, 21.0, f32::NAN] {
            assert!(MusicGenRequest { guidance, ..request.clone() }.check(60.0).is_err(), "{guidance}");
        }
        for temperature in [-0.1, f32::NAN, f32::INFINITY] {
            assert!(MusicGenRequest { temperature, ..request.clone() }.check(60.0).is_err(), "{temperature}");
        }
    }

    #[test]
    fn lengths_are_rounded_up_to_frames() {
        let frames = |seconds: f64| MusicGenRequest::new("", seconds, 1).num_frames(50.0);
        assert_eq!([0.001, 0.02, 0.021, 8.0, 2.0 + 1e-9].map(frames), [1, 1, 2, 400, 100]);
    }
}
